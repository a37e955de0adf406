package io.berth.store.layer;

import io.berth.store.content.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is written beside an unpacked layer, as in docs/formats/layers.md.
 *
 * @param contentSize bytes of all its files
 * @param completeSince the boot in which it was unpacked, or {@link #SYNCED} when it is on the disk for good
 */
record LayerState(Digest diffId, long contentSize, String completeSince) {

    static final String SYNCED = "synced";
    private static final String FORMAT = "1";

    byte[] write() {
        return ("format " + FORMAT + "\ndiff-id " + diffId + "\ncontent-size " + contentSize + "\ncomplete " + completeSince
                + "\nend\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Nothing when it is not whole or not of this version: then the layer is made anew. */
    static Optional<LayerState> read(byte[] content) {
        String text = new String(content, StandardCharsets.US_ASCII);
        Map<String, String> values = new HashMap<>();
        text.lines().map(line -> line.split(" ", 2)).filter(words -> words.length == 2)
                .forEach(words -> values.put(words[0], words[1]));
        String diffId = values.getOrDefault("diff-id", "");
        String size = values.getOrDefault("content-size", "");
        boolean whole = text.endsWith("\nend\n") && FORMAT.equals(values.get("format")) && values.containsKey("complete")
                && Digest.isDigest(diffId) && size.matches("[0-9]{1,18}");
        return whole ? Optional.of(new LayerState(Digest.parse(diffId), Long.parseLong(size), values.get("complete")))
                : Optional.empty();
    }

    /** Whether the layer's files can be relied upon in the boot that is now. */
    boolean isUsableIn(String boot) {
        return isSynced() || completeSince.equals(boot);
    }

    boolean isSynced() {
        return completeSince.equals(SYNCED);
    }
}
