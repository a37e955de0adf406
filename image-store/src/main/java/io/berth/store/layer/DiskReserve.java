package io.berth.store.layer;

import io.berth.store.content.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What unpacking leaves free on a file system, so that a few kilobytes that unpack to terabytes do not stop everything else on the
 * machine: so many bytes or so much of the whole, whichever is more.
 *
 * @param bytes at least
 * @param percent of the file system
 */
public record DiskReserve(long bytes, int percent) {

    public static final DiskReserve DEFAULT = new DiskReserve(1L << 30, 5);
    /** So much may come before anybody looks again. */
    private static final long LOOK_EVERY = 64L << 20;

    /** @throws StoreException unavailable, when less than that is free where {@code path} is */
    void require(Path path, String what) {
        try {
            FileStore store = Files.getFileStore(path);
            long kept = Math.max(bytes, store.getTotalSpace() / 100 * percent);
            if (store.getUsableSpace() < kept) {
                throw StoreException.unavailable(what + ": no space left on device: less than " + (kept >> 20)
                        + " MiB would be free below " + path + "; remove images that are not used, or make room");
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("ask for the free space of " + path + ": " + failure.getMessage(), failure);
        }
    }

    /** Content on its way to {@code path}, with a look at what is free now and then. */
    InputStream guard(InputStream content, Path path, String what) {
        return new FilterInputStream(content) {
            private long since;

            @Override
            public int read() throws IOException {
                count(1);
                return in.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int read = in.read(into, offset, length);
                count(read);
                return read;
            }

            private void count(int read) {
                since += Math.max(read, 0);
                if (since >= LOOK_EVERY) {
                    since = 0;
                    require(path, what);
                }
            }
        };
    }
}
