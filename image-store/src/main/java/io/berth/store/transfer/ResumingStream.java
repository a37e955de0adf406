package io.berth.store.transfer;

import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;

/**
 * A blob from a registry, which goes on where a connection broke. It gives up after some connections in a row that brought
 * nothing. For one thread.
 */
final class ResumingStream extends InputStream {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Repository repository;
    private final Descriptor blob;
    private final int attempts;
    private InputStream connection;
    private long position;
    private int fruitless;

    ResumingStream(Repository repository, Descriptor blob, int attempts) {
        this.repository = repository;
        this.blob = blob;
        this.attempts = attempts;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (true) {
            try {
                if (connection == null) {
                    connection = repository.blob(blob, position);
                }
                int count = connection.read(into, offset, length);
                if (count > 0) {
                    position += count;
                    fruitless = 0;
                }
                return count;
            } catch (IOException broken) {
                close();
                if (++fruitless >= attempts || Thread.currentThread().isInterrupted()) {
                    throw new RegistryException(RegistryException.Kind.UNAVAILABLE, broken.getMessage(), broken);
                }
                pause();
            }
        }
    }

    private void pause() throws InterruptedIOException {
        try {
            Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(fruitless - 1, 10));
            Thread.sleep(doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE);
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("download " + blob.digest() + ": cancelled");
        }
    }

    @Override
    public void close() throws IOException {
        if (connection != null) {
            InputStream ended = connection;
            connection = null;
            ended.close();
        }
    }
}
