package io.berth.store.gc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.durable.ForgetfulFiles;
import io.berth.store.image.ImageEvents.Action;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Cuts the power at every change while blobs are committed, healed and swept, and the journal written anew. Whatever the crash keeps of
 * what was not synced: every visible image has all its blobs, and each blob is what its name says.
 */
class SweepCrashTest {

    private static final Path ROOT = Path.of("/data");
    private static final int LOSSES = 5;

    private final Map<String, Digest> promised = new HashMap<>();
    private Optional<String> underWay = Optional.empty();

    private record Store(BlobStore blobs, Images images) {
        static Store open(ForgetfulFiles files) {
            BlobStore blobs = BlobStore.open(files, ROOT);
            return new Store(blobs, Images.open(files, ROOT.resolve("images.journal"), blobs, (needed, diffIds) -> List.of(),
                    image -> List.of(), (action, image, name, labels) -> { }));
        }

        void sweep() {
            images.sweep(needed -> blobs.removeUnless(needed, blobs.list()));
            blobs.removeStrays();
        }
    }

    private static byte[] layer(int number) {
        return ("layer " + number).repeat(100).getBytes(StandardCharsets.UTF_8);
    }

    private void live(ForgetfulFiles files) {
        Store store = Store.open(files);
        for (int i = 0; i < 6; i++) {
            String name = "app" + i % 3 + ":latest";
            underWay = Optional.of(name);
            if (i == 4) {
                store.images().remove(name, false, true);
                promised.remove(name);
            } else {
                promised.put(name, load(store, i, name));
            }
            underWay = Optional.empty();
            store.sweep();
            // A blob that is written once more takes the place of the one that is there, as a repair does it.
            try (Lease lease = store.blobs().lease()) {
                store.blobs().put(layer(i % 2), lease);
            }
            store.images().rewriteJournal();
            store.sweep();
        }
    }

    private static Digest load(Store store, int number, String name) {
        Lease lease = store.blobs().lease();
        List<Digest> touched = new ArrayList<>();
        try {
            Digest layer = store.blobs().put(layer(number % 2), lease);
            touched.add(layer);
            Digest id = store.blobs().put(("{\"author\":\"" + number + "\"}").getBytes(StandardCharsets.UTF_8), lease);
            touched.add(id);
            store.sweep();
            store.images().add(new StoredImage(id, Optional.empty(), List.of(new StoredImage.Layer(layer, layer, 1))),
                    List.of(ImageReference.parse(name)), Action.LOAD);
            return id;
        } finally {
            store.images().abandon(lease, touched);
        }
    }

    @Test
    void afterAnyCrashEveryVisibleImageHasItsBlobsAndNothingPromisedIsLost() {
        long firstSeed = System.nanoTime();
        int crashes = 0;
        for (long point = 1;; point++) {
            boolean cut = false;
            for (int loss = 0; loss < LOSSES; loss++) {
                promised.clear();
                ForgetfulFiles files = new ForgetfulFiles().failAfter(point);
                try {
                    live(files);
                } catch (RuntimeException powerCut) {
                    cut = true;
                }
                long seed = firstSeed + point * LOSSES + loss;
                look(files.crash(seed), "cut after " + point + " changes, seed " + seed);
                crashes++;
            }
            if (!cut) {
                break;
            }
        }
        assertTrue(crashes > 300, "only " + crashes + " crashes");
    }

    private void look(ForgetfulFiles after, String where) {
        Store store = Store.open(after);
        assertEquals(List.of(), store.images().damage(), where);
        store.sweep();
        for (StoredImage image : store.images().list()) {
            store.blobs().readDocument(image.id());
            byte[] content = store.blobs().readDocument(image.layers().getFirst().blob());
            assertArrayEquals(layer(content[6] - '0'), content, where);
        }
        promised.forEach((name, id) -> {
            if (!underWay.equals(Optional.of(name))) {
                assertEquals(Optional.of(id), store.images().find(ImageReference.parse(name)).map(StoredImage::id), where + ": " + name);
            }
        });
    }
}
