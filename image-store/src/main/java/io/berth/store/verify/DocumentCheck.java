package io.berth.store.verify;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfigReader;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.StoredImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** Whether the documents of an image, each intact by itself, can be read and agree with one another and with the store's record. */
final class DocumentCheck {

    private final BlobStore blobs;

    DocumentCheck(BlobStore blobs) {
        this.blobs = blobs;
    }

    /** What is wrong with it, one sentence each. */
    List<String> problems(StoredImage image) {
        List<String> problems = new ArrayList<>();
        attempt(problems, () -> configuration(image, problems));
        image.manifest().ifPresent(digest -> attempt(problems, () -> manifest(image, digest, problems)));
        image.index().ifPresent(digest -> attempt(problems, () -> index(image, digest, problems)));
        return problems;
    }

    /** The size that an image's manifest gives for its layers and configuration, where there is one. */
    OptionalLong sizeOf(StoredImage image, Digest blob) {
        try {
            return image.manifest().filter(blobs::has).map(digest -> Manifest.read(blobs.readDocument(digest)).children()).orElse(List.of()).stream()
                    .filter(child -> child.digest().equals(blob) && child.size() >= 0).mapToLong(Descriptor::size).findFirst();
        } catch (StoreException damaged) {
            return OptionalLong.empty();
        }
    }

    private static void attempt(List<String> problems, Runnable check) {
        try {
            check.run();
        } catch (StoreException unreadable) {
            problems.add(unreadable.getMessage());
        }
    }

    private void configuration(StoredImage image, List<String> problems) {
        List<Digest> diffIds = ImageConfigReader.read(blobs.readDocument(image.id())).diffIds();
        if (!diffIds.equals(image.diffIds())) {
            problems.add("the configuration names the layers " + diffIds + ", the journal " + image.diffIds());
        }
    }

    private void manifest(StoredImage image, Digest digest, List<String> problems) {
        if (!(Manifest.read(blobs.readDocument(digest)) instanceof Manifest.Image manifest)) {
            problems.add("the manifest " + digest + " is an index");
            return;
        }
        List<Digest> named = manifest.layers().stream().map(Descriptor::digest).toList();
        List<Digest> recorded = image.layers().stream().map(StoredImage.Layer::blob).toList();
        if (!manifest.config().digest().equals(image.id())) {
            problems.add("the manifest " + digest + " names the configuration " + manifest.config().digest());
        }
        if (!agree(named, recorded, image)) {
            problems.add("the manifest " + digest + " names the blobs " + named + ", the journal " + recorded);
        }
    }

    /** A manifest that an image was given with its first push names the layers in gzip, which are attachments. */
    private static boolean agree(List<Digest> named, List<Digest> recorded, StoredImage image) {
        return named.size() == recorded.size() && IntStream.range(0, named.size())
                .allMatch(i -> named.get(i).equals(recorded.get(i)) || image.attachments().contains(named.get(i)));
    }

    /** An image that came twice may have the index of the first time and the manifest of the second: either is kept as it was. */
    private void index(StoredImage image, Digest digest, List<String> problems) {
        if (!(Manifest.read(blobs.readDocument(digest)) instanceof Manifest.Index index)) {
            problems.add("the index " + digest + " is no index");
            return;
        }
        Optional<Descriptor> own = index.manifests().stream().filter(child -> image.manifest().filter(child.digest()::equals).isPresent()
                || image.attachments().contains(child.digest())).findFirst();
        if (own.isEmpty()) {
            problems.add("the index " + digest + " names no manifest of the image");
        }
    }
}
