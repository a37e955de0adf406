package io.berth.store.gc;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What becomes of a layer's blob once the layer is unpacked and on the disk. */
public enum BlobPolicy {
    /** It stays: the layer can be made from it again, and pushed and saved. */
    KEEP,
    /** It goes: half the room, and a layer that is damaged has to be pulled again. */
    DROP;

    /** @throws IllegalArgumentException when it is neither {@code keep} nor {@code drop} */
    public static BlobPolicy parse(String text) {
        return Arrays.stream(values()).filter(policy -> policy.word().equals(text)).findFirst().orElseThrow(() -> new IllegalArgumentException(
                "not " + Arrays.stream(values()).map(BlobPolicy::word).collect(Collectors.joining(" or "))));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
