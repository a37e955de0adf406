package io.berth.store.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.FileName;
import io.berth.linux.file.InvalidPathException;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Ingest;
import io.berth.store.content.StoreException;
import io.berth.store.layer.TarEntry;
import io.berth.store.layer.TarReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of an archive, in whatever order it has them, until the last one has told what they are. Paths are keys and
 * nothing else: no file is ever created under one. Symbolic links (old archives share layers by them) are keys for keys.
 */
final class Spool implements AutoCloseable {

    private static final String BLOBS = "blobs/sha256/";
    private static final int SMALL = 128 * 1024;
    private static final long MOST_IN_MEMORY = 32L << 20;
    private static final int MOST_FILES = 20_000;
    private static final int MOST_LARGE_FILES = 2_000;
    private static final int MOST_LINKS = 10;

    private final BlobStore blobs;
    private final Map<String, Spooled> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private final Map<Digest, Spooled> byDigest = new HashMap<>();
    private final byte[] buffer = new byte[256 * 1024];
    private long inMemory;
    private int large;

    Spool(BlobStore blobs) {
        this.blobs = blobs;
    }

    /** @throws StoreException invalid, when the archive is broken, hostile or larger than any honest one */
    void readAll(TarReader tar) throws IOException {
        for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
            TarEntry entry = next.get();
            switch (entry.type()) {
                case REGULAR -> put(key(entry.path(), entry), spool(entry, tar));
                case SYMBOLIC_LINK -> links.put(key(entry.path(), entry), key(besides(entry.path(), entry.linkPath()), entry));
                case HARD_LINK -> links.put(key(entry.path(), entry), key(entry.linkPath(), entry));
                case DIRECTORY -> key(entry.path(), entry);
                case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                        throw StoreException.invalid("load \"" + entry.displayPath() + "\": an image archive has no such files");
            }
            if (files.size() + links.size() > MOST_FILES) {
                throw StoreException.invalid("the archive has more than " + MOST_FILES + " files, which no image archive has");
            }
        }
    }

    private void put(String key, Spooled spooled) {
        Optional.ofNullable(files.put(key, spooled)).ifPresent(Spooled::close);
        if (key.startsWith(BLOBS) && !key.equals(BLOBS + spooled.digest().hex())) {
            throw StoreException.invalid("load \"" + key + "\": its content has the digest " + spooled.digest());
        }
        byDigest.put(spooled.digest(), spooled);
    }

    private Spooled spool(TarEntry entry, TarReader tar) throws IOException {
        if (entry.size() <= SMALL && inMemory + entry.size() <= MOST_IN_MEMORY) {
            ByteArrayOutputStream content = new ByteArrayOutputStream((int) entry.size());
            copy(tar, content);
            inMemory += content.size();
            return new Spooled.Small(Digest.of(content.toByteArray()), content.toByteArray());
        }
        if (++large > MOST_LARGE_FILES) {
            throw StoreException.invalid("the archive has more than " + MOST_LARGE_FILES + " large files, which no image has");
        }
        Ingest ingest = blobs.ingest();
        try {
            copy(tar, ingest);
            ingest.flushInBackground();
            return new Spooled.Large(ingest.digest(), ingest);
        } catch (IOException | RuntimeException failure) {
            ingest.close();
            throw failure;
        }
    }

    private void copy(TarReader tar, OutputStream into) throws IOException {
        for (int count; (count = tar.read(buffer, 0, buffer.length)) >= 0;) {
            into.write(buffer, 0, count);
        }
    }

    Optional<Spooled> find(String path) {
        String key = key(path.getBytes(UTF_8), path);
        for (int followed = 0; followed < MOST_LINKS && links.containsKey(key); followed++) {
            key = links.get(key);
        }
        return Optional.ofNullable(files.get(key));
    }

    /** @throws StoreException invalid, when the archive has no such file */
    Spooled get(String path) {
        return find(path).orElseThrow(() -> StoreException.invalid("open " + path + ": no such file or directory"));
    }

    Optional<Spooled> find(Digest digest) {
        return Optional.ofNullable(byDigest.get(digest));
    }

    Collection<Spooled> all() {
        return files.values();
    }

    private static String key(byte[] path, TarEntry entry) {
        return key(path, entry.displayPath());
    }

    /** Cleaned and without a character set: every byte is one character. */
    private static String key(byte[] path, String shown) {
        try {
            BytePath checked = BytePath.of(path);
            if (checked.isAbsolute()) {
                throw StoreException.invalid("load \"" + shown + "\": the path is absolute");
            }
            List<String> names = new ArrayList<>();
            for (FileName name : checked.names()) {
                names.add(new String(name.bytes(), ISO_8859_1));
            }
            return String.join("/", names);
        } catch (InvalidPathException unsafe) {
            throw StoreException.invalid("load \"" + shown + "\": " + unsafe.getMessage(), unsafe);
        }
    }

    private static byte[] besides(byte[] path, byte[] target) {
        return target.length > 0 && target[0] == '/' ? target : BytePath.of(path).resolve("..".getBytes(UTF_8)).resolve(target).bytes();
    }

    @Override
    public void close() {
        files.values().forEach(Spooled::close);
    }
}
