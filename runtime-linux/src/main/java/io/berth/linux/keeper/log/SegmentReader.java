package io.berth.linux.keeper.log;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.nio.ByteBuffer;

/** Looks at the records of one segment, forwards or backwards, through a window of memory. Another process may append. */
final class SegmentReader implements AutoCloseable {

    private static final int WINDOW = 4 * LogFormat.LARGEST_CHUNK;
    private static final int SEEK_END = 2;

    private final Kernel kernel;
    private final Fd file;
    private final long number;
    private final NativeBuffer window = NativeBuffer.allocate(WINDOW);
    private final ByteBuffer bytes = window.bytes();
    private long windowStart;
    private int windowLength;
    private long offset;
    private int record;
    private int recordLength;

    SegmentReader(Kernel kernel, Segments segments, long number) {
        this.kernel = kernel;
        this.number = number;
        this.file = segments.open(number, 0);
    }

    long number() {
        return number;
    }

    /** Goes to the record at this offset; false when there is no whole and sound one (yet). */
    boolean at(long position) {
        if (position < windowStart || position >= windowStart + windowLength || !check(position)) {
            load(position);
            return check(position);
        }
        return true;
    }

    /** Goes to the record that ends at this offset; false at the first one and when there is no sound one. */
    boolean before(long end) {
        if (end - LogFormat.RECORD_EXTRA < LogFormat.SEGMENT_HEAD) {
            return false;
        }
        if (end - LogFormat.RECORD_TAIL < windowStart || end > windowStart + windowLength || startBefore(end) < windowStart) {
            load(Math.max(LogFormat.SEGMENT_HEAD, end - WINDOW));
        }
        long start = startBefore(end);
        return start >= windowStart && end <= windowStart + windowLength && check(start) && next() == end;
    }

    /** Where the sound records end: the segment's size, or less when its end is torn or just being written. */
    long soundEnd() {
        long size = kernel.call(SystemCall.LSEEK, file, of(0), of(SEEK_END));
        if (before(size)) {
            return size;
        }
        long end = LogFormat.SEGMENT_HEAD;
        while (at(end)) {
            end = next();
        }
        return end;
    }

    /** The offset of the record gone to. */
    long offset() {
        return offset;
    }

    /** The offset behind it. */
    long next() {
        return offset + recordLength;
    }

    long timeNanos() {
        return bytes.getLong(record + LogFormat.TIME);
    }

    int stream() {
        return bytes.getInt(record + LogFormat.STREAM);
    }

    int carry() {
        return bytes.getInt(record + LogFormat.CARRY);
    }

    int length() {
        return recordLength - LogFormat.RECORD_EXTRA;
    }

    byte[] data() {
        return window.copy(record + LogFormat.RECORD_HEAD, length());
    }

    /** A mark's carry of a stream. */
    int markedCarry(int stream) {
        return bytes.getInt(record + LogFormat.RECORD_HEAD + 4 * (stream - LogFormat.STDOUT));
    }

    @Override
    public void close() {
        file.close();
    }

    private long startBefore(long end) {
        long tail = end - LogFormat.RECORD_TAIL - windowStart;
        return tail < 0 || tail + LogFormat.RECORD_TAIL > windowLength ? -1 : end - Integer.toUnsignedLong(bytes.getInt((int) tail));
    }

    private boolean check(long position) {
        int at = (int) (position - windowStart);
        int length = LogFormat.check(bytes, at, windowLength);
        boolean known = length > 0 && stream(at) >= 0 && stream(at) < LogFormat.STREAMS;
        if (known) {
            record = at;
            recordLength = length;
            offset = position;
        }
        return known;
    }

    private int stream(int at) {
        return bytes.getInt(at + LogFormat.STREAM);
    }

    private void load(long position) {
        windowStart = position;
        windowLength = (int) kernel.retry(SystemCall.PREAD64, file, window, of(WINDOW), of(position));
    }
}
