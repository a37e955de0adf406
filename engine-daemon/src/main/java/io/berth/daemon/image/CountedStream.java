package io.berth.daemon.image;

import io.berth.api.image.ProgressSink;
import io.berth.api.wire.image.Progress;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/** Tells a client how much of an archive has come, a few times a second; a client that has gone ends the reading by that. */
final class CountedStream extends FilterInputStream {

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private final long size;
    private final ProgressSink progress;
    private long read;
    private long told;
    private long toldAt = System.nanoTime() - PAUSE;

    /** @param size in bytes; negative when it is not known */
    CountedStream(InputStream in, long size, ProgressSink progress) {
        super(in);
        this.size = size;
        this.progress = progress;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = in.read(into, offset, length);
        read += Math.max(0, count);
        if (count < 0 && read > told || count >= 0 && System.nanoTime() - toldAt >= PAUSE) {
            progress.write(Progress.step("", "Importing", read, Math.max(0, size)));
            told = read;
            toldAt = System.nanoTime();
        }
        return count;
    }
}
