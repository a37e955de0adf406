package io.berth.store.layer;

import io.berth.store.content.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is written beside an unpacked layer, as in docs/formats/layers.md.
 *
 * @param contentSize bytes of all its files
 * @param diskSize bytes that its directory takes on the disk; known when it is there for good
 * @param completeSince the boot in which it was unpacked, or {@link #SYNCED} when it is on the disk for good
 * @param dropped blobs of this layer that were removed on purpose, since the layer is on the disk
 */
record LayerState(Digest diffId, long contentSize, OptionalLong diskSize, String completeSince, Set<Digest> dropped) {

    /** Its name in the layer's directory. */
    static final String FILE = "state";
    static final String SYNCED = "synced";
    private static final String FORMAT = "1";
    private static final String NUMBER = "[0-9]{1,18}";

    LayerState(Digest diffId, long contentSize, String completeSince) {
        this(diffId, contentSize, OptionalLong.empty(), completeSince, Set.of());
    }

    /** The same layer, on the disk for good. */
    LayerState synced(OptionalLong size) {
        return new LayerState(diffId, contentSize, size, SYNCED, dropped);
    }

    LayerState withDropped(Digest blob) {
        Set<Digest> more = new TreeSet<>(dropped);
        more.add(blob);
        return new LayerState(diffId, contentSize, diskSize, completeSince, more);
    }

    byte[] write() {
        return ("format " + FORMAT + "\ndiff-id " + diffId + "\ncontent-size " + contentSize
                + (diskSize.isPresent() ? "\ndisk-size " + diskSize.getAsLong() : "") + "\ncomplete " + completeSince
                + (dropped.isEmpty() ? "" : "\ndropped " + dropped.stream().sorted().map(Digest::toString).collect(Collectors.joining(" ")))
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
                && Digest.isDigest(diffId) && size.matches(NUMBER);
        String diskSize = values.getOrDefault("disk-size", "");
        Set<Digest> dropped = Arrays.stream(values.getOrDefault("dropped", "").split(" ")).filter(Digest::isDigest).map(Digest::parse)
                .collect(Collectors.toSet());
        return whole ? Optional.of(new LayerState(Digest.parse(diffId), Long.parseLong(size),
                        diskSize.matches(NUMBER) ? OptionalLong.of(Long.parseLong(diskSize)) : OptionalLong.empty(), values.get("complete"), dropped))
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
