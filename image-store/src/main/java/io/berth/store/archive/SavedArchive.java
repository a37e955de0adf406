package io.berth.store.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.Images;
import io.berth.store.layer.TarEntry;
import io.berth.store.layer.TarWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An archive that is ready to be written: everything in it is known and held, nothing of it is copied. Small documents come first,
 * so that whoever reads it knows what comes. The same images give the same bytes: there are no times in it, and the order is
 * that of what was asked for.
 *
 * <p>To be closed, after which the store may let go of what is in it.
 */
public final class SavedArchive implements AutoCloseable {

    private static final String BLOBS = "blobs/sha256/";
    private static final byte[] NOTHING = {};
    private static final int BUFFER = 256 * 1024;

    private final BlobStore blobs;
    private final Images images;
    private final Lease lease;
    private final List<Digest> saved;
    private final Map<String, byte[]> listings;
    private final Map<Digest, byte[]> made;
    private final Set<Digest> content;

    /**
     * @param saved the images
     * @param listings files by their names, which say what is in the archive
     * @param made what is no blob of the store
     * @param content all that is to be in the archive by its digest, each once
     */
    SavedArchive(BlobStore blobs, Images images, Lease lease, List<Digest> saved, Map<String, byte[]> listings, Map<Digest, byte[]> made,
            Set<Digest> content) {
        this.blobs = blobs;
        this.images = images;
        this.lease = lease;
        this.saved = saved;
        this.listings = listings;
        this.made = made;
        this.content = content;
    }

    /**
     * Writes all of it, once, and tells of each image that it was saved.
     *
     * @param out not closed by this
     * @throws StoreException corrupt, when a blob is not what its name says: the archive lacks its end then, so that nobody takes it for whole
     */
    public void writeTo(OutputStream out) throws IOException {
        OutputStream buffered = new BufferedOutputStream(out, BUFFER);
        TarWriter tar = new TarWriter(buffered);
        for (Map.Entry<String, byte[]> listing : listings.entrySet()) {
            write(tar, listing.getKey(), listing.getValue());
        }
        tar.begin(member(TarEntry.Type.DIRECTORY, "blobs/", 0));
        tar.begin(member(TarEntry.Type.DIRECTORY, BLOBS, 0));
        byte[] buffer = new byte[BUFFER];
        for (Digest blob : content) {
            if (made.containsKey(blob)) {
                write(tar, BLOBS + blob.hex(), made.get(blob));
            } else {
                copy(blob, tar, buffer);
            }
        }
        tar.finish();
        buffered.flush();
        saved.forEach(images::saved);
    }

    private static void write(TarWriter tar, String name, byte[] document) throws IOException {
        tar.begin(member(TarEntry.Type.REGULAR, name, document.length));
        tar.content(document, 0, document.length);
    }

    private void copy(Digest blob, TarWriter tar, byte[] buffer) throws IOException {
        OptionalLong size = blobs.size(blob);
        try (InputStream in = blobs.read(blob)) {
            MessageDigest hash = Digest.sha256();
            tar.begin(member(TarEntry.Type.REGULAR, BLOBS + blob.hex(), size.orElseThrow()));
            for (int count; (count = in.read(buffer)) >= 0;) {
                hash.update(buffer, 0, count);
                tar.content(buffer, 0, count);
            }
            if (!Digest.ofHash(hash.digest()).equals(blob)) {
                throw StoreException.corrupt("save: the blob " + blob + " is damaged; pull or load its image again");
            }
        }
    }

    private static TarEntry member(TarEntry.Type type, String name, long size) {
        return new TarEntry(type, name.getBytes(UTF_8), NOTHING, type == TarEntry.Type.DIRECTORY ? 0755 : 0644, 0, 0, size, 0, 0, 0, 0, List.of(),
                List.of());
    }

    @Override
    public void close() {
        images.abandon(lease, List.copyOf(content));
    }
}
