package io.berth.store.image;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Ingest;
import io.berth.store.content.Lease;
import io.berth.store.durable.ForgetfulFiles;
import io.berth.store.image.ImageEvents.Action;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Cuts the power at every change the store makes, several times with different losses. */
class ImagesCrashTest {

    private static final Path ROOT = Path.of("/data");
    private static final int LOSSES = 6;

    /** What a client was told is done: names and the images they lead to. */
    private final TreeMap<String, Digest> promised = new TreeMap<>();
    /** The one change under way, which may or may not have happened. */
    private Optional<String> underWay = Optional.empty();

    private record Store(BlobStore blobs, Images images) {
        static Store open(ForgetfulFiles files) {
            BlobStore blobs = BlobStore.open(files, ROOT);
            return new Store(blobs, Images.open(files, ROOT.resolve("images.journal"), blobs, (needed, diffIds) -> List.of(),
                    image -> List.of(), (action, image, name, labels) -> { }));
        }

        Digest load(int number) {
            try (Lease lease = blobs.lease(); Ingest ingest = blobs.ingest()) {
                ingest.write(("layer " + number % 3).repeat(500).getBytes(StandardCharsets.UTF_8), 0, 3500);
                Digest layer = ingest.commit(lease, Optional.empty());
                Digest id = blobs.put(("{\"author\":\"" + number + "\"}").getBytes(StandardCharsets.UTF_8), lease);
                Digest manifest = blobs.put(("manifest " + number).getBytes(StandardCharsets.UTF_8), lease);
                Digest index = blobs.put(("index " + number % 2).getBytes(StandardCharsets.UTF_8), lease);
                images.add(new StoredImage(id, Optional.of(manifest), Optional.of(index), List.of(new StoredImage.Layer(layer, layer, 1)), Set.of(index)),
                        List.of(name(number)), Action.LOAD);
                return id;
            }
        }
    }

    private static ImageReference name(int number) {
        return ImageReference.parse("app" + number % 4);
    }

    private void live(ForgetfulFiles files, long seed) {
        Random random = new Random(seed);
        Store store = Store.open(files);
        for (int i = 0; i < 8; i++) {
            String name = name(i).withDefaultTag().familiar();
            underWay = Optional.of(name);
            if (random.nextInt(3) == 0 && promised.containsKey(name)) {
                store.images().remove(name, false, true);
                promised.remove(name);
            } else {
                promised.put(name, store.load(i));
            }
            underWay = Optional.empty();
        }
    }

    @Test
    void afterAnyCrashEveryVisibleImageIsWholeAndNothingPromisedIsLost() {
        long firstSeed = System.nanoTime();
        int crashes = 0;
        for (long point = 1;; point++) {
            boolean cut = false;
            for (int loss = 0; loss < LOSSES; loss++) {
                long seed = firstSeed + point * LOSSES + loss;
                promised.clear();
                ForgetfulFiles files = new ForgetfulFiles().failAfter(point);
                try {
                    live(files, firstSeed);
                } catch (RuntimeException powerCut) {
                    cut = true;
                }
                verify(files.crash(seed), "first seed " + firstSeed + ", cut after " + point + " changes, seed " + seed);
                crashes++;
            }
            if (!cut) {
                break;
            }
        }
        assertTrue(crashes > 300, "only " + crashes + " crashes");
    }

    private void verify(ForgetfulFiles after, String where) {
        Store store = Store.open(after);
        assertEquals(List.of(), store.images().damage(), where);
        for (StoredImage image : store.images().list()) {
            assertDoesNotThrow(() -> {
                store.blobs().readDocument(image.id());
                image.digests().forEach(store.blobs()::readDocument);
                image.attachments().forEach(store.blobs()::readDocument);
                image.layers().forEach(layer -> store.blobs().readDocument(layer.blob()));
            }, where);
        }
        List<String> wrong = new ArrayList<>();
        promised.forEach((name, id) -> {
            Optional<Digest> found = store.images().find(ImageReference.parse(name)).map(StoredImage::id);
            if (!found.equals(Optional.of(id)) && !underWay.equals(Optional.of(name))) {
                wrong.add(name);
            }
        });
        assertEquals(List.of(), wrong, where);
        store.load(99);
    }
}
