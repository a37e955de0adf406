package io.berth.store.transfer;

import io.berth.store.content.Ingest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.transfer.PullProgress.Step;
import java.io.IOException;
import java.io.InputStream;

/** Passes a blob on to whoever unpacks it, and writes it down on the way. For one thread. */
final class ArrivingLayer {

    private static final long REPORT_NANOS = 100_000_000;

    private final InputStream connection;
    private final Ingest ingest;
    private final Descriptor blob;
    private final PullProgress progress;
    private long reported;

    ArrivingLayer(InputStream connection, Ingest ingest, Descriptor blob, PullProgress progress) {
        this.connection = connection;
        this.ingest = ingest;
        this.blob = blob;
        this.progress = progress;
        this.reported = System.nanoTime() - REPORT_NANOS;
    }

    /** The content, for once. Closing it leaves the rest to {@link #drain}. */
    InputStream open() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return ArrivingLayer.this.read(into, offset, length);
            }
        };
    }

    private int read(byte[] into, int offset, int length) throws IOException {
        int count = connection.read(into, offset, length);
        if (count > 0) {
            ingest.write(into, offset, count);
            report();
        }
        return count;
    }

    private void report() {
        long now = System.nanoTime();
        if (now - reported >= REPORT_NANOS) {
            reported = now;
            progress.layer(blob.digest(), Step.DOWNLOADING, ingest.size(), Math.max(blob.size(), 0));
        }
    }

    /** Takes what nobody has read: what follows a tar's end, or all of a layer that is unpacked already. */
    void drain() throws IOException {
        byte[] buffer = new byte[64 << 10];
        while (read(buffer, 0, buffer.length) >= 0) {
            // written down by reading
        }
    }
}
