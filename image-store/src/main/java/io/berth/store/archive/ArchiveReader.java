package io.berth.store.archive;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageConfigReader;
import io.berth.store.image.ImageEvents;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.Compression;
import io.berth.store.layer.LayerStore;
import io.berth.store.layer.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * {@code docker load}: images from an archive of {@code docker save} or an OCI layout, or both in one; plain or compressed,
 * its layers too. An index is kept whole, with all that it leads to, so that every digest of an image is what it was; what is for
 * other platforms is kept and not unpacked.
 *
 * <p>The archive is read once. Its files go to the ingest area, hashed on the way. When the last one is there, layers are
 * unpacked (and their diff ids proved) while the blobs are brought to the disk; then one record makes each image visible. An
 * archive that is refused leaves nothing behind, but images before the one at fault, as with the reference engine.
 */
public final class ArchiveReader {

    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;

    public ArchiveReader(BlobStore blobs, LayerStore layers, Images images) {
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
    }

    /**
     * Loads all images of an archive.
     *
     * @param archive not closed by this
     * @param platforms which images of an index to keep; all of them when there are none
     * @return what was loaded
     * @throws StoreException invalid, with the reference engine's text where it has one
     * @throws IOException when the archive cannot be read from where it comes
     */
    public List<StoredImage> load(InputStream archive, List<Platform> platforms, LoadProgress progress) throws IOException {
        Set<Digest> touched = ConcurrentHashMap.newKeySet();
        Lease lease = blobs.lease();
        try (Spool spool = new Spool(blobs)) {
            read(archive, spool);
            List<StoredImage> loaded = new ArrayList<>();
            List<ArchivedImage> archived = imagesIn(spool, platforms);
            StringBuilder ids = new StringBuilder();
            int names = 0;
            for (ArchivedImage image : archived) {
                StoredImage stored = load(image, lease, touched, progress);
                loaded.add(stored);
                ids.append("Loaded image ID: ").append(stored.id()).append('\n');
                names += image.names().size();
            }
            if (names == 0 && !ids.isEmpty()) {
                progress.line(ids.toString());
            }
            linkParents(archived);
            return loaded;
        } finally {
            images.abandon(lease, List.copyOf(touched));
        }
    }

    /** Only those within one archive: whoever makes an archive does not decide what may be removed here. */
    private void linkParents(List<ArchivedImage> archived) {
        Set<Digest> ids = archived.stream().map(image -> image.config().digest()).collect(Collectors.toSet());
        for (ArchivedImage image : archived) {
            Digest id = image.config().digest();
            image.parent().filter(parent -> !parent.equals(id) && ids.contains(parent)).ifPresent(parent -> images.link(id, parent));
        }
    }

    private static void read(InputStream archive, Spool spool) throws IOException {
        try (InputStream plain = Compression.unwrapOnly(archive)) {
            spool.readAll(new TarReader(plain));
        } catch (IOException failure) {
            if (Compression.isContentsFault(failure)) {
                throw Compression.refusal(failure);
            }
            throw failure;
        }
    }

    private static List<ArchivedImage> imagesIn(Spool spool, List<Platform> platforms) {
        boolean docker = spool.find(DockerArchive.MANIFEST).isPresent();
        if (!docker && !OciLayout.isIn(spool)) {
            throw StoreException.invalid("invalid archive: it has neither " + DockerArchive.MANIFEST + " nor " + OciLayout.INDEX
                    + "; for a file system to make an image of, use docker import");
        }
        List<ArchivedImage> listed = docker ? DockerArchive.images(spool) : List.of();
        List<ArchivedImage> layout = OciLayout.isIn(spool) ? OciLayout.images(spool, List.of()) : List.of();
        // What both describe has its manifest and its index only in the layout.
        boolean inLayout = listed.stream().allMatch(item -> layout.stream().anyMatch(image -> image.has(item.config().digest())));
        List<ArchivedImage> found = !inLayout ? listed.stream().filter(item -> item.isFor(platforms)).toList()
                : (platforms.isEmpty() ? layout : OciLayout.images(spool, platforms)).stream().map(image -> alsoKnown(image, listed, layout)).toList();
        for (Platform platform : platforms) {
            if (found.stream().noneMatch(image -> image.isFor(List.of(platform)))) {
                throw StoreException.notFound("requested platform (" + platform + ") not found");
            }
        }
        return found;
    }

    private static ArchivedImage alsoKnown(ArchivedImage image, List<ArchivedImage> listed, List<ArchivedImage> layout) {
        ArchivedImage whole = layout.stream().filter(other -> root(other).equals(root(image))).findFirst().orElseThrow();
        ArchivedImage known = image;
        for (ArchivedImage item : listed) {
            known = whole.has(item.config().digest()) ? known.alsoKnown(item) : known;
        }
        return known;
    }

    private static Digest root(ArchivedImage image) {
        return image.index().or(image::manifest).orElseThrow().digest();
    }

    private StoredImage load(ArchivedImage image, Lease lease, Set<Digest> touched, LoadProgress progress) throws IOException {
        ImageConfig config = ImageConfigReader.read(image.config().document("image configuration"));
        if (!config.os().isEmpty() && !config.os().equals("linux")) {
            throw StoreException.invalid("cannot load " + config.os() + " image on linux");
        }
        List<Digest> diffIds = config.diffIds();
        if (diffIds.size() != image.layers().size()) {
            throw StoreException.invalid("invalid manifest, layers length mismatch: expected " + image.layers().size()
                    + ", got " + diffIds.size());
        }
        touched.addAll(diffIds);
        diffIds.forEach(lease::keep);
        List<StoredImage.Layer> stored;
        try (LayerWork work = new LayerWork(layers, blobs, lease)) {
            image.documents().forEach(work::commit);
            stored = work.unpackAndCommit(image.layers(), diffIds, progress);
        } finally {
            image.layers().forEach(layer -> touched.add(layer.digest()));
            image.documents().forEach(document -> touched.add(document.digest()));
        }
        Set<Digest> attachments = image.attachments().stream().map(Spooled::digest).collect(Collectors.toSet());
        StoredImage result = new StoredImage(image.config().digest(), image.manifest().map(Spooled::digest), image.index().map(Spooled::digest),
                stored, attachments);
        publish(result, image.names(), progress);
        return result;
    }

    private void publish(StoredImage image, List<ImageReference> names, LoadProgress progress) {
        List<String> lines = new ArrayList<>();
        for (ImageReference name : names) {
            Optional<StoredImage> before = images.find(name).filter(other -> !other.id().equals(image.id()));
            before.ifPresent(other -> lines.add("The image " + name.familiar() + " already exists, renaming the old one with ID "
                    + other.id() + " to empty string\n"));
            lines.add("Loaded image: " + name.familiar() + "\n");
        }
        images.add(image, names, ImageEvents.Action.LOAD);
        lines.forEach(progress::line);
    }
}
