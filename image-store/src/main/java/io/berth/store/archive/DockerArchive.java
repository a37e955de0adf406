package io.berth.store.archive;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfigReader;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An archive as {@code docker save} writes it: {@code manifest.json} lists images by the paths of their files. */
final class DockerArchive {

    static final String MANIFEST = "manifest.json";

    private DockerArchive() {}

    static List<ArchivedImage> images(Spool spool) {
        JsonNode items = Json.parse(spool.get(MANIFEST).document(MANIFEST), MANIFEST);
        if (!items.isArray()) {
            throw StoreException.invalid("read " + MANIFEST + ": it is not a list of images");
        }
        List<ArchivedImage> images = new ArrayList<>();
        for (JsonNode item : items) {
            images.add(image(spool, item));
        }
        return images;
    }

    private static ArchivedImage image(Spool spool, JsonNode item) {
        Spooled config = spool.get(path(Json.text(item, "Config")));
        List<Spooled> layers = Json.texts(item, "Layers").stream().map(path -> spool.get(path(path))).toList();
        List<ImageReference> names = Json.texts(item, "RepoTags").stream().map(DockerArchive::name).toList();
        return new ArchivedImage(config, Optional.empty(), Optional.empty(), layers, List.of(),
                Set.of(ImageConfigReader.read(config.document("image configuration")).platform()), names,
                Optional.of(Json.text(item, "Parent")).filter(Digest::isDigest).map(Digest::parse));
    }

    private static String path(String path) {
        if (path.isEmpty()) {
            throw StoreException.invalid("read " + MANIFEST + ": an image lacks a configuration or a layer");
        }
        return path;
    }

    private static ImageReference name(String text) {
        ImageReference name = ImageReference.parse(text);
        if (name.tag().isEmpty()) {
            throw StoreException.invalid("invalid tag \"" + text + "\"");
        }
        return name;
    }
}
