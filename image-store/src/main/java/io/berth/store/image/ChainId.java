package io.berth.store.image;

import io.berth.store.content.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The name of a stack of layers (OCI image specification, "Layer ChainID"). */
public final class ChainId {

    private ChainId() {}

    /** One for each layer with those below it, from the lowest up. */
    public static List<Digest> all(List<Digest> diffIds) {
        List<Digest> chains = new ArrayList<>();
        for (Digest diffId : diffIds) {
            chains.add(chains.isEmpty() ? diffId
                    : Digest.of((chains.getLast() + " " + diffId).getBytes(StandardCharsets.UTF_8)));
        }
        return chains;
    }

    /** Those of the layers in {@code chosen}, from the top down, as the reference engine lists what it deletes. */
    static List<Digest> of(List<Digest> diffIds, List<Digest> chosen) {
        List<Digest> chains = all(diffIds);
        List<Digest> result = new ArrayList<>();
        for (int i = chains.size() - 1; i >= 0; i--) {
            if (chosen.contains(diffIds.get(i))) {
                result.add(chains.get(i));
            }
        }
        return result;
    }
}
