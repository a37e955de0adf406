package io.berth.store.image;

import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageIndex.Change;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One commit in the journal of images: several changes that take effect together. Lines of words, as in
 * docs/formats/images.md, so that opening the store needs no JSON and a person can read the file.
 */
final class ImageRecord {

    private static final String NONE = "-";

    private ImageRecord() {}

    static byte[] write(List<Change> changes) {
        StringBuilder lines = new StringBuilder();
        for (Change change : changes) {
            switch (change) {
                case Change.Add(StoredImage image) -> {
                    lines.append("image ").append(image.id()).append(' ').append(word(image.manifest())).append(' ')
                            .append(word(image.index())).append('\n');
                    image.layers().forEach(layer -> lines.append("layer ").append(layer.diffId()).append(' ')
                            .append(layer.blob()).append(' ').append(layer.contentSize()).append('\n'));
                    image.attachments().stream().sorted().forEach(blob -> lines.append("attachment ").append(blob).append('\n'));
                }
                case Change.Parent(Digest image, Digest parent) ->
                        lines.append("parent ").append(image).append(' ').append(parent).append('\n');
                case Change.Name(ImageReference name, Digest image) ->
                        lines.append("name ").append(name).append(' ').append(image).append('\n');
                case Change.Tagged(Digest image, Instant when) ->
                        lines.append("tagged ").append(image).append(' ').append(when).append('\n');
                case Change.Unname(ImageReference name) -> lines.append("unname ").append(name).append('\n');
                case Change.Retire(Digest image) -> lines.append("retire ").append(image).append('\n');
                case Change.Remove(Digest image) -> lines.append("remove ").append(image).append('\n');
            }
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    static List<Change> read(byte[] record) {
        List<Change> changes = new ArrayList<>();
        for (String line : new String(record, StandardCharsets.UTF_8).lines().toList()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "image" -> changes.add(new Change.Add(new StoredImage(Digest.parse(words[1]), digest(words, 2),
                        digest(words, 3), List.of(), Set.of())));
                case "layer" -> changes.add(withLayer(last(changes, line), new StoredImage.Layer(Digest.parse(words[1]),
                        Digest.parse(words[2]), Long.parseLong(words[3]))));
                case "attachment" -> changes.add(withAttachment(last(changes, line), Digest.parse(words[1])));
                case "parent" -> changes.add(new Change.Parent(Digest.parse(words[1]), Digest.parse(words[2])));
                case "name" -> changes.add(new Change.Name(ImageReference.parse(words[1]), Digest.parse(words[2])));
                case "tagged" -> changes.add(new Change.Tagged(Digest.parse(words[1]), Instant.parse(words[2])));
                case "unname" -> changes.add(new Change.Unname(ImageReference.parse(words[1])));
                case "retire" -> changes.add(new Change.Retire(Digest.parse(words[1])));
                case "remove" -> changes.add(new Change.Remove(Digest.parse(words[1])));
                default -> throw StoreException.corrupt("read images journal: \"" + line
                        + "\" is unknown to this version; a newer one may have written it");
            }
        }
        return changes;
    }

    private static String word(Optional<Digest> digest) {
        return digest.map(Digest::toString).orElse(NONE);
    }

    /** Records of earlier versions have fewer words. */
    private static Optional<Digest> digest(String[] words, int position) {
        return words.length <= position || words[position].equals(NONE) ? Optional.empty() : Optional.of(Digest.parse(words[position]));
    }

    private static StoredImage last(List<Change> changes, String line) {
        if (changes.isEmpty() || !(changes.removeLast() instanceof Change.Add(StoredImage image))) {
            throw StoreException.corrupt("read images journal: \"" + line + "\" without its image");
        }
        return image;
    }

    private static Change withLayer(StoredImage image, StoredImage.Layer layer) {
        List<StoredImage.Layer> layers = new ArrayList<>(image.layers());
        layers.add(layer);
        return new Change.Add(new StoredImage(image.id(), image.manifest(), image.index(), layers, image.attachments()));
    }

    private static Change withAttachment(StoredImage image, Digest blob) {
        Set<Digest> attachments = new HashSet<>(image.attachments());
        attachments.add(blob);
        return new Change.Add(new StoredImage(image.id(), image.manifest(), image.index(), image.layers(), attachments));
    }
}
