package io.berth.store.layer;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Gzip (RFC 1952), made by several threads, in the way of pigz: the content is cut into blocks that are compressed at the same
 * time, each with the end of the one before it as its dictionary, and follow each other in one deflate stream. The same content
 * gives the same bytes, however many threads there are. {@link #close} ends the stream, and leaves what is below open.
 *
 * <p>For one thread. Holds at most {@value #AHEAD} blocks.
 */
public final class ParallelGzip extends OutputStream {

    static final int BLOCK = 256 << 10;
    private static final int AHEAD = 8;
    /** So far back deflate looks. */
    private static final int WINDOW = 32 << 10;
    /** No name, no time, and from no operating system: nothing that would differ from one time to the next. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final OutputStream out;
    private final Executor threads;
    private final int level;
    private final Deque<Block> underWay = new ArrayDeque<>();
    private final Deque<Block> free = new ArrayDeque<>();
    private final CRC32 checksum = new CRC32();
    private Block current;
    private long size;
    private boolean broken;
    private boolean closed;

    /** @param level of zlib, 1 to 9 */
    public ParallelGzip(OutputStream out, Executor threads, int level) throws IOException {
        this.out = out;
        this.threads = threads;
        this.level = level;
        this.current = new Block();
        out.write(HEADER);
    }

    /** Used again and again: its arrays are too large to be made anew each time. */
    private final class Block {

        private final Deflater deflater = new Deflater(level, true);
        private final byte[] dictionary = new byte[WINDOW];
        private final byte[] content = new byte[BLOCK];
        /** Deflate makes nothing longer by more than this. */
        private final byte[] deflated = new byte[BLOCK + BLOCK / 100 + 64];
        private int known;
        private int filled;
        private CompletableFuture<Integer> coming;

        void begin(Block before) {
            known = Math.min(WINDOW, before.filled);
            System.arraycopy(before.content, before.filled - known, dictionary, 0, known);
            filled = 0;
        }

        int deflate(boolean last) {
            deflater.reset();
            if (known > 0) {
                deflater.setDictionary(dictionary, 0, known);
            }
            deflater.setInput(content, 0, filled);
            if (last) {
                deflater.finish();
            }
            int count = deflater.deflate(deflated, 0, deflated.length, last ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH);
            if (count == deflated.length) {
                throw new IllegalStateException("deflate made " + filled + " bytes longer than it can");
            }
            return count;
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        checksum.update(bytes, offset, length);
        size += length;
        for (int written = 0; written < length;) {
            if (current.filled == BLOCK) {
                submit(false);
            }
            int count = Math.min(length - written, BLOCK - current.filled);
            System.arraycopy(bytes, offset + written, current.content, current.filled, count);
            current.filled += count;
            written += count;
        }
    }

    private void submit(boolean last) throws IOException {
        Block full = current;
        full.coming = CompletableFuture.supplyAsync(() -> full.deflate(last), threads);
        underWay.add(full);
        if (underWay.size() == AHEAD) {
            pass();
        }
        current = free.isEmpty() ? new Block() : free.remove();
        current.begin(full);
    }

    private void pass() throws IOException {
        Block first = underWay.remove();
        free.add(first);
        broken = true;
        try {
            out.write(first.deflated, 0, first.coming.join());
        } catch (CompletionException failure) {
            throw new IOException("compress: " + failure.getCause(), failure.getCause());
        }
        broken = false;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!broken) {
                submit(true);
                while (!underWay.isEmpty()) {
                    pass();
                }
                out.write(trailer());
            }
        } finally {
            underWay.forEach(block -> block.coming.handle((done, failed) -> done).join());
            free.addAll(underWay);
            free.add(current);
            free.forEach(block -> block.deflater.end());
        }
    }

    private byte[] trailer() {
        byte[] trailer = new byte[8];
        for (int i = 0; i < 4; i++) {
            trailer[i] = (byte) (checksum.getValue() >>> 8 * i);
            trailer[4 + i] = (byte) (size >>> 8 * i);
        }
        return trailer;
    }
}
