package io.berth.store.transfer;

import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A large blob, of which several ranges are under way at any time, to be read in order: one connection is seldom as fast as
 * the line. What has come and was not read yet takes {@value #AHEAD} times {@value #RANGE} bytes of memory and no more.
 */
final class RangesStream extends InputStream {

    static final int RANGE = 4 << 20;
    static final int AHEAD = 3;

    private final Repository repository;
    private final Descriptor blob;
    private final int attempts;
    private final ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor();
    private final Deque<Future<Range>> ranges = new ArrayDeque<>();
    /** The memory of ranges is used again: so much of it would not be young when it is garbage. */
    private final Deque<byte[]> free = new ArrayDeque<>();
    private long next;
    private Range current;
    private int read;

    private record Range(byte[] bytes, int length) {}

    private RangesStream(Repository repository, Descriptor blob, int attempts, Range first) {
        this.repository = repository;
        this.blob = blob;
        this.attempts = attempts;
        this.current = first;
        this.next = first.length();
        for (int i = 1; i < AHEAD; i++) {
            free.add(new byte[RANGE]);
        }
    }

    /** Empty when the registry sends blobs only as a whole. */
    static Optional<InputStream> open(Repository repository, Descriptor blob, int attempts) throws IOException {
        return range(repository, blob, attempts, 0, new byte[RANGE]).map(first -> new RangesStream(repository, blob, attempts, first));
    }

    private static Optional<Range> range(Repository repository, Descriptor blob, int attempts, long from, byte[] into) throws IOException {
        int length = (int) Math.min(RANGE, blob.size() - from);
        for (int attempt = 1;; attempt++) {
            try {
                Optional<InputStream> part = repository.part(blob, from, length);
                if (part.isEmpty()) {
                    return Optional.empty();
                }
                try (InputStream content = part.get()) {
                    if (content.readNBytes(into, 0, length) < length) {
                        throw new IOException("download " + blob.digest() + ": a range ends too early");
                    }
                    return Optional.of(new Range(into, length));
                }
            } catch (IOException broken) {
                if (attempt >= attempts || Thread.currentThread().isInterrupted()) {
                    throw new RegistryException(RegistryException.Kind.UNAVAILABLE, broken.getMessage(), broken);
                }
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        order();
        if (read == current.length()) {
            if (ranges.isEmpty()) {
                return -1;
            }
            free.add(current.bytes());
            current = await(ranges.remove());
            read = 0;
            order();
        }
        int count = Math.min(length, current.length() - read);
        System.arraycopy(current.bytes(), read, into, offset, count);
        read += count;
        return count;
    }

    private void order() {
        while (!free.isEmpty() && next < blob.size()) {
            long from = next;
            byte[] into = free.remove();
            ranges.add(connections.submit(() -> further(from, into)));
            next += Math.min(RANGE, blob.size() - from);
        }
    }

    private Range further(long from, byte[] into) throws IOException {
        return range(repository, blob, attempts, from, into).orElseThrow(() -> new RegistryException(RegistryException.Kind.INVALID,
                "download " + blob.digest() + ": the registry sent one range and refuses the next"));
    }

    private Range await(Future<Range> range) throws IOException {
        try {
            return range.get();
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IOException(failure.getCause());
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("download " + blob.digest() + ": cancelled");
        }
    }

    @Override
    public void close() {
        connections.shutdownNow();
        connections.close();
    }
}
