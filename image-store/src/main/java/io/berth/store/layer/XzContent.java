package io.berth.store.layer;

import io.berth.store.content.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/**
 * What xz has compressed. Its dictionary, whose size the archive names, is memory of the daemon's: up to that of {@code xz -9} is
 * accepted, and all that are in use at a time take no more than one of those. Apart from {@link Compression} so that nothing of the
 * library is loaded before the first such archive comes.
 */
final class XzContent {

    private static final int MEBIBYTE = 1 << 20;
    /** {@code xz -9}: 64 MiB, and what the decoder takes beside it. */
    private static final int LARGEST_KIBIBYTES = 66 << 10;
    private static final Dictionaries DICTIONARIES = new Dictionaries(64 * MEBIBYTE, Duration.ofSeconds(30));

    private XzContent() {
    }

    static InputStream open(InputStream in) throws IOException {
        return open(in, DICTIONARIES);
    }

    static InputStream open(InputStream in, Dictionaries dictionaries) throws IOException {
        return new FilterInputStream(new XZInputStream(in, LARGEST_KIBIBYTES, dictionaries)) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                try {
                    return super.read(bytes, offset, length);
                } catch (MemoryLimitException large) {
                    throw StoreException.invalid("the archive is compressed with an xz dictionary that takes " + (large.getMemoryNeeded() >> 10)
                            + " MiB of memory to unpack, " + (LARGEST_KIBIBYTES >> 10) + " MiB are the most: compress it with xz -9 or less", large);
                }
            }
        };
    }

    static boolean isContentsFault(IOException failure) {
        return failure instanceof XZIOException;
    }

    /** Lends the decoders their dictionaries, no more at a time than is good; each has one, so that none waits holding one. */
    static final class Dictionaries extends ArrayCache {
        private final Semaphore free;
        private final Duration patience;

        /**
         * @param bytes of all dictionaries in use
         * @param patience with those who have them
         */
        Dictionaries(int bytes, Duration patience) {
            this.free = new Semaphore(bytes, true);
            this.patience = patience;
        }

        @Override
        public byte[] getByteArray(int size, boolean fillWithZeros) {
            if (size >= MEBIBYTE) {
                borrow(size);
            }
            return new byte[size];
        }

        @Override
        public void putArray(byte[] array) {
            if (array.length >= MEBIBYTE) {
                free.release(array.length);
            }
        }

        private void borrow(int size) {
            try {
                if (!free.tryAcquire(size, patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw StoreException.unavailable("unpack what xz has compressed: other archives take the memory there is for that; try again later");
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for memory to unpack an archive", interrupted);
            }
        }
    }
}
