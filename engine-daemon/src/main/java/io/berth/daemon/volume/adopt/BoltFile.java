package io.berth.daemon.volume.adopt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A database of bbolt, which engines written in Go keep small things in; only read, and only what is asked for
 * (go.etcd.io/bbolt: page.go, bucket.go, db.go). A tree of pages of one size; two of them, the first, take turns in naming its root.
 */
final class BoltFile {

    private static final int MAGIC = 0xED0CDAED;
    private static final int VERSION = 2;
    private static final int HEADER = 16;
    private static final int ELEMENT = 16;
    private static final int BRANCH = 1;
    private static final int LEAF = 2;
    private static final int IS_BUCKET = 1;
    /** What the checksum of a meta page is of: all fields before it. */
    private static final int META_SIZE = 56;
    private static final int DEEPEST = 64;

    private final Path file;
    private final ByteBuffer bytes;
    private final int pageSize;
    private final long root;

    private BoltFile(Path file, ByteBuffer bytes, int pageSize, long root) {
        this.file = file;
        this.bytes = bytes;
        this.pageSize = pageSize;
        this.root = root;
    }

    /** @throws IOException when it is none, or damaged */
    static BoltFile open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size())).order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until all of it is here
            }
            bytes.flip();
            return open(file, bytes);
        }
    }

    private static BoltFile open(Path file, ByteBuffer bytes) throws IOException {
        BoltFile newest = null;
        long newestTransaction = -1;
        int pageSize = isMeta(bytes, 0) ? bytes.getInt(HEADER + 8) : 4096; // that of the machine, and here is most often this
        for (int at : new int[] {0, pageSize}) {
            if (isMeta(bytes, at) && bytes.getLong(at + HEADER + 48) > newestTransaction) {
                newestTransaction = bytes.getLong(at + HEADER + 48);
                newest = new BoltFile(file, bytes, bytes.getInt(at + HEADER + 8), bytes.getLong(at + HEADER + 16));
            }
        }
        if (newest == null) {
            throw new IOException(file + " is no database of bbolt, or it is damaged");
        }
        return newest;
    }

    private static boolean isMeta(ByteBuffer bytes, int page) {
        int at = page + HEADER;
        return bytes.limit() >= at + META_SIZE + 8 && bytes.getInt(at) == MAGIC && bytes.getInt(at + 4) == VERSION
                && bytes.getInt(at + 8) >= 512 && bytes.getLong(at + META_SIZE) == hash(bytes, at);
    }

    /** FNV-1a of 64 bits. */
    private static long hash(ByteBuffer bytes, int at) {
        long hash = 0xcbf29ce484222325L;
        for (int i = at; i < at + META_SIZE; i++) {
            hash = (hash ^ bytes.get(i) & 0xff) * 0x100000001b3L;
        }
        return hash;
    }

    /**
     * The values of a bucket at the top, by key; empty when there is no such bucket.
     *
     * @throws IOException when the file is damaged
     */
    Optional<Map<String, byte[]>> bucket(String name) throws IOException {
        try {
            Map<String, byte[]> values = new TreeMap<>();
            Map<String, Integer> buckets = new TreeMap<>();
            page(offset(root), values, buckets, 0);
            Integer at = buckets.get(name);
            if (at == null) {
                return Optional.empty();
            }
            Map<String, byte[]> found = new TreeMap<>();
            long top = bytes.getLong(at);
            page(top == 0 ? at + HEADER : offset(top), found, new TreeMap<>(), 0); // a small bucket lies in its parent's page
            return Optional.of(found);
        } catch (IndexOutOfBoundsException | ArithmeticException | IllegalArgumentException broken) {
            throw new IOException(file + " is damaged: a page points outside of it", broken);
        }
    }

    private int offset(long page) {
        return Math.toIntExact(Math.multiplyExact(page, (long) pageSize));
    }

    private void page(int at, Map<String, byte[]> values, Map<String, Integer> buckets, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException(file + " is damaged: its pages point in a circle");
        }
        int flags = Short.toUnsignedInt(bytes.getShort(at + 8));
        int count = Short.toUnsignedInt(bytes.getShort(at + 10));
        for (int i = 0; i < count; i++) {
            int element = at + HEADER + i * ELEMENT;
            if ((flags & BRANCH) != 0) {
                page(offset(bytes.getLong(element + 8)), values, buckets, depth + 1);
            } else if ((flags & LEAF) != 0) {
                int key = element + bytes.getInt(element + 4);
                int keyLength = bytes.getInt(element + 8);
                String name = new String(slice(key, keyLength), StandardCharsets.UTF_8);
                if ((bytes.getInt(element) & IS_BUCKET) != 0) {
                    buckets.put(name, key + keyLength);
                } else {
                    values.put(name, slice(key + keyLength, bytes.getInt(element + 12)));
                }
            } else {
                throw new IOException(file + " is damaged: a page has no known kind");
            }
        }
    }

    private byte[] slice(int at, int length) {
        if (length < 0 || at < 0 || length > bytes.limit() - at) {
            throw new IndexOutOfBoundsException(at);
        }
        byte[] slice = new byte[length];
        bytes.get(at, slice);
        return slice;
    }
}
