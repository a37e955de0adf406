package io.berth.store.verify;

import io.berth.linux.kernel.SystemCallException;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerDifference;
import io.berth.store.layer.LayerSource;
import io.berth.store.layer.LayerStore;
import io.berth.store.verify.Finding.Kind;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Looks at everything a store holds and tells what is not as it has to be; mends what can be mended when it is asked to. May run
 * beside everything else: what it looks at is held by a lease, and what is removed meanwhile is passed over.
 *
 * <p>A layer is derived from its blob: that it is not unpacked is no damage while the blob is sound. An image that cannot be mended
 * is named and stays.
 */
public final class StoreVerifier {

    /** How closely to look. */
    public enum Depth {
        /** Only whether blobs are there. Costs a look at each name. */
        PRESENCE,
        /** Every blob is read, every document understood. */
        CONTENT,
        /** Besides, every unpacked layer is compared with its blob, file by file. Takes room for the largest layer. */
        FILES
    }

    /** So many differing files of one layer are told one by one. */
    private static final int MOST_FILES = 50;

    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;

    public StoreVerifier(BlobStore blobs, LayerStore layers, Images images) {
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
    }

    /**
     * Looks at the images and their content, then at what belongs to none.
     *
     * @param repair how to mend; nothing is changed without it
     * @param told of each finding as it is made, in the caller's thread; what it throws ends the verification
     * @throws java.util.concurrent.CancellationException soon after the thread was interrupted
     */
    public Summary verify(Depth depth, Optional<BlobRepair> repair, Consumer<Finding> told) {
        return new Run(depth, repair, new Tally(told)).all();
    }

    private final class Run {

        private final Depth depth;
        private final Optional<BlobRepair> repair;
        private final Tally tally;
        private final BlobCheck check;
        private final DocumentCheck documents = new DocumentCheck(blobs);
        private final Set<Digest> layersSeen = new HashSet<>();

        Run(Depth depth, Optional<BlobRepair> repair, Tally tally) {
            this.depth = depth;
            this.repair = repair;
            this.tally = tally;
            this.check = new BlobCheck(blobs, depth != Depth.PRESENCE, repair, tally);
        }

        Summary all() {
            journal();
            images.all().forEach(this::image);
            if (depth != Depth.PRESENCE) {
                leftovers();
            }
            return tally.summary();
        }

        private void journal() {
            List<String> damage = images.damage();
            if (!damage.isEmpty() && repair.isPresent()) {
                images.rewriteJournal();
            }
            for (String problem : damage) {
                Finding finding = Finding.ofStore(Kind.DAMAGE, "images.journal", problem);
                tally.tell(repair.isEmpty() ? finding
                        : finding.mended("written anew with what could be read; images or names of the lost part are gone; as it was: images.journal.damaged"));
            }
        }

        private void image(StoredImage image) {
            Lease lease = blobs.lease();
            try {
                if (images.hold(image, lease)) {
                    tally.image();
                    held(image, lease);
                }
            } finally {
                List<Digest> content = new ArrayList<>(image.diffIds());
                content.addAll(image.digests());
                content.addAll(image.attachments());
                image.layers().forEach(layer -> content.add(layer.blob()));
                images.abandon(lease, content);
            }
        }

        private void held(StoredImage image, Lease lease) {
            // The manifest first: it tells the sizes of the others.
            boolean sound = image.manifest().map(digest -> isSound(image, digest, "the manifest", BlobRepair.Role.DOCUMENT, lease)).orElse(true);
            sound &= isSound(image, image.id(), "the configuration", BlobRepair.Role.BLOB, lease);
            sound &= image.index().map(digest -> isSound(image, digest, "the index", BlobRepair.Role.DOCUMENT, lease)).orElse(true);
            for (Digest attachment : image.attachments()) {
                isSound(image, attachment, "what comes with the image", BlobRepair.Role.DOCUMENT, lease);
            }
            if (sound && depth != Depth.PRESENCE) {
                documents.problems(image).forEach(problem -> tally.tell(new Finding(Kind.DAMAGE, List.of(shown(image)), Optional.empty(),
                        Optional.empty(), Optional.empty(), problem, false, "pull or load the image again")));
            }
            image.layers().forEach(layer -> layer(image, layer, lease));
        }

        private boolean isSound(StoredImage image, Digest blob, String what, BlobRepair.Role role, Lease lease) {
            List<BlobRepair.Role> roles = role == BlobRepair.Role.BLOB ? List.of(role) : List.of(role, BlobRepair.Role.BLOB);
            return check.isSound(new BlobCheck.Wanted(blob, documents.sizeOf(image, blob), what, roles, imagesWith(blob), Optional.empty(),
                    originsOf(blob)), lease);
        }

        private void layer(StoredImage image, StoredImage.Layer layer, Lease lease) {
            Digest blob = layer.blob();
            boolean dropped = !blobs.has(blob) && layers.isDropped(layer.diffId(), blob);
            OptionalLong size = depth == Depth.PRESENCE ? OptionalLong.empty() : documents.sizeOf(image, blob);
            boolean sound = !dropped && check.isSound(new BlobCheck.Wanted(blob, size, "the layer's content", List.of(BlobRepair.Role.BLOB),
                    imagesWith(blob), Optional.of(layer.diffId()), originsOf(blob)), lease);
            if (depth == Depth.PRESENCE || !layersSeen.add(layer.diffId())) {
                return;
            }
            tally.layer();
            boolean unpacked = layers.isUnpacked(layer.diffId());
            if (sound && (depth == Depth.FILES && unpacked || repair.isPresent() && !unpacked)) {
                compare(layer, unpacked);
            } else if (sound && !unpacked) {
                tally.tell(finding(Kind.NOTE, layer, Optional.empty(), "is not unpacked; it is made from its blob when it is needed"));
            } else if (dropped && depth == Depth.FILES) {
                tally.tell(finding(Kind.NOTE, layer, Optional.empty(), "cannot be compared: its blob was dropped"));
            }
        }

        private void compare(StoredImage.Layer layer, boolean unpacked) {
            List<LayerDifference> first = new ArrayList<>();
            int[] count = new int[1];
            try {
                layers.compare(new LayerSource(layer.diffId(), layer.blob()), repair.isPresent(), difference -> {
                    if (count[0]++ < MOST_FILES) {
                        first.add(difference);
                    }
                });
            } catch (StoreException refused) {
                tally.tell(finding(Kind.DAMAGE, layer, Optional.empty(), refused.getMessage()));
                return;
            } catch (SystemCallException | UncheckedIOException failure) {
                tally.tell(finding(Kind.UNREADABLE, layer, Optional.empty(), "cannot be compared: " + failure.getMessage()));
                return;
            }
            if (!unpacked) {
                tally.tell(finding(Kind.NOTE, layer, Optional.empty(), "was not unpacked").mended("made from its blob"));
            }
            first.forEach(difference -> tellOf(layer, Optional.of(difference.file()), difference.problem()));
            if (count[0] > first.size()) {
                tellOf(layer, Optional.empty(), (count[0] - first.size()) + " more of its files differ");
            }
        }

        private void tellOf(StoredImage.Layer layer, Optional<String> file, String problem) {
            Finding finding = finding(Kind.DAMAGE, layer, file, problem);
            tally.tell(repair.isPresent() ? finding.mended("the layer is made anew from its blob; containers that run keep the old files") : finding);
        }

        private Finding finding(Kind kind, StoredImage.Layer layer, Optional<String> file, String problem) {
            List<String> concerned = images.all().stream().filter(image -> image.diffIds().contains(layer.diffId())).map(StoreVerifier.this::shown).toList();
            return new Finding(kind, concerned, Optional.of(layer.diffId()), Optional.empty(), file, problem, false, "");
        }

        /** Nothing is removed here: that is for the clean-up, which comes by itself. */
        private void leftovers() {
            Set<Digest> unneeded = new HashSet<>(blobs.list());
            Set<Digest> unneededLayers = new HashSet<>(layers.list());
            images.sweep(needed -> {
                Set<Digest> leased = blobs.leased();
                unneeded.removeIf(digest -> needed.contains(digest) || leased.contains(digest));
                unneededLayers.removeIf(digest -> needed.contains(digest) || leased.contains(digest));
            });
            unneeded.stream().sorted().forEach(digest -> tally.tell(new Finding(Kind.RECLAIMABLE, List.of(), Optional.empty(),
                    Optional.of(digest), Optional.empty(), "no image needs it", false, "")));
            unneededLayers.stream().sorted().forEach(digest -> tally.tell(new Finding(Kind.RECLAIMABLE, List.of(), Optional.of(digest),
                    Optional.empty(), Optional.empty(), "no image needs it", false, "")));
            blobs.strays().forEach(path -> tally.tell(Finding.ofStore(Kind.RECLAIMABLE, "ingest/" + path.getFileName(), "was left unfinished")));
            layers.remains().nameless().forEach(name -> tally.tell(Finding.ofStore(Kind.RECLAIMABLE, "layers/" + name, "does not say which layer it is")));
            layers.remains().replaced().forEach(name -> tally.tell(Finding.ofStore(Kind.RECLAIMABLE, "layers/" + name,
                    "was replaced; it goes when no container stands on it")));
        }
    }

    private List<String> imagesWith(Digest blob) {
        return with(blob).map(this::shown).toList();
    }

    private Stream<StoredImage> with(Digest blob) {
        return images.all().stream().filter(image -> image.digests().contains(blob) || image.attachments().contains(blob)
                || image.layers().stream().anyMatch(layer -> layer.blob().equals(blob)));
    }

    private List<ImageReference> originsOf(Digest blob) {
        return with(blob).flatMap(image -> images.namesOf(image.id()).stream()).filter(name -> name.digest().isPresent())
                .map(name -> name.withDigest(blob)).distinct().toList();
    }

    /** As people know an image: a name, when it has one, and the beginning of its id. */
    private String shown(StoredImage image) {
        return images.namesOf(image.id()).stream().findFirst().map(name -> name.familiar() + " (" + image.id().shortHex() + ")")
                .orElseGet(() -> image.id().shortHex());
    }
}
