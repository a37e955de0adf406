package io.berth.linux.keeper.log;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes a log in our own form (docs/formats/log-spool.md), the driver {@code local}: output as it is read, without looking for
 * lines in it. A record is appended by one write(2); segments are begun at record boundaries and the oldest removed. What a
 * killed process wrote is in the kernel, and after a power cut a torn end is recognised by its record's CRC, left as it is, and
 * a new segment begun.
 */
public final class LogSpool implements LogWriter {

    private static final int SEEK_END = 2;

    private final Kernel kernel;
    private final FileCalls files;
    private final Segments segments;
    private final int[] carry = new int[LogFormat.STREAMS];
    private LogOptions options;
    private Fd segment;
    private long number;
    private long size;
    private final LogLoss loss;

    /** For a log whose losses nobody wants to be told of. */
    public LogSpool(Kernel kernel, LogOptions options) {
        this(kernel, options, (chunks, bytes, why) -> { });
    }

    LogSpool(Kernel kernel, LogOptions options, LossListener listener) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        this.segments = new Segments(kernel, options.directory());
        this.options = options;
        this.loss = new LogLoss(listener);
    }

    @Override
    public void append(ChunkBuffer buffer, int stream, int length, long timeNanos) {
        int record = seal(buffer, stream, length, timeNanos);
        if (loss.rests(timeNanos)) {
            loss.add(length);
            return;
        }
        try {
            if (loss.isOpen()) {
                report(timeNanos);
            }
            makeRoom(record);
            write(buffer.memory(), record);
            loss.tell(true);
        } catch (SystemCallException failure) {
            loss.failed(failure, length, timeNanos);
            close();
        }
    }

    /** Says in the log how much of it is missing: a line of standard error, which ends an unfinished one. */
    private void report(long timeNanos) {
        byte[] words = loss.report().getBytes(StandardCharsets.UTF_8);
        ChunkBuffer own = new ChunkBuffer();
        own.memory().bytes().put(ChunkBuffer.DATA, words);
        int unfinished = carry[LogFormat.STDERR];
        carry[LogFormat.STDERR] = 0;
        int record = seal(own, LogFormat.STDERR, words.length, timeNanos);
        carry[LogFormat.STDERR] = unfinished;
        makeRoom(record);
        write(own.memory(), record);
    }

    /** Writes a mark where a line is unfinished, so that readers deliver it. */
    @Override
    public void endOfOutput(ChunkBuffer buffer, long timeNanos) {
        int stdout = carry[LogFormat.STDOUT];
        int stderr = carry[LogFormat.STDERR];
        carry[LogFormat.STDOUT] = 0;
        carry[LogFormat.STDERR] = 0;
        if (stdout != 0 || stderr != 0) {
            buffer.memory().bytes().putInt(ChunkBuffer.DATA, stdout);
            buffer.memory().bytes().putInt(ChunkBuffer.DATA + 4, stderr);
            append(buffer, LogFormat.MARK, LogFormat.MARK_LENGTH, timeNanos);
            carry[LogFormat.MARK] = 0;
        }
        loss.tell(false);
    }

    /** How many chunks could not be written. */
    public long droppedChunks() {
        return loss.total();
    }

    @Override
    public void options(LogOptions changed) {
        options = options.withLimitsOf(changed);
    }

    @Override
    public void rotate() {
        if (segment == null) {
            openLast();
        }
        size = Math.max(size, options.segmentBytes());
    }

    @Override
    public LogPlace place(ChunkBuffer buffer) {
        if (segment == null) {
            openLast();
        }
        return new LogPlace(number, size);
    }

    @Override
    public byte[] unfinished(int stream) {
        return new byte[0];
    }

    @Override
    public void close() {
        if (segment != null) {
            segment.close();
            segment = null;
        }
    }

    /** Makes the data a record; its length. */
    private int seal(ChunkBuffer buffer, int stream, int length, long timeNanos) {
        ByteBuffer bytes = buffer.memory().bytes();
        bytes.putInt(LogFormat.MAGIC, LogFormat.RECORD_MAGIC);
        bytes.putInt(LogFormat.LENGTH, length);
        bytes.putInt(LogFormat.CARRY, carry[stream]);
        bytes.putLong(LogFormat.TIME, timeNanos);
        bytes.putInt(LogFormat.STREAM, stream);
        bytes.putInt(LogFormat.CRC, LogFormat.crc(bytes, 0, length));
        bytes.putInt(LogFormat.RECORD_HEAD + length, length + LogFormat.RECORD_EXTRA);
        int unfinished = buffer.afterLastNewline(length);
        carry[stream] = unfinished < 0 ? carry[stream] + length : unfinished;
        return length + LogFormat.RECORD_EXTRA;
    }

    private void makeRoom(int record) {
        if (segment == null) {
            openLast();
        }
        if (size > LogFormat.SEGMENT_HEAD && size + record > options.segmentBytes()) {
            begin(number + 1);
        }
    }

    private void write(NativeBuffer memory, int length) {
        int written = files.write(segment, memory, 0, length);
        while (written < length) {
            // A short write means that the disk is full. The next call says so, and the piece of a record is taken back.
            long more = kernel.attempt(SystemCall.WRITE, segment, memory.from(written), of(length - written));
            if (more <= 0) {
                kernel.call(SystemCall.FTRUNCATE, segment, of(size));
                throw new SystemCallException(SystemCall.WRITE, Errno.of((int) -more), segment, memory, of(length));
            }
            written += (int) more;
        }
        size += length;
    }

    /** Goes on with the latest segment when its end is sound, and begins another when it is torn or there is none. */
    private void openLast() {
        long[] existing = segments.list();
        if (existing.length == 0) {
            begin(1);
            return;
        }
        number = existing[existing.length - 1];
        segment = segments.open(number, FileCalls.O_RDWR | FileCalls.O_APPEND);
        size = kernel.call(SystemCall.LSEEK, segment, of(0), of(SEEK_END));
        if (size == 0) {
            writeHead();
        } else if (!endIsSound()) {
            begin(number + 1);
        }
    }

    private boolean endIsSound() {
        if (size <= LogFormat.SEGMENT_HEAD) {
            return size == LogFormat.SEGMENT_HEAD;
        }
        int window = (int) Math.min(size - LogFormat.SEGMENT_HEAD, LogFormat.LARGEST_RECORD);
        NativeBuffer end = NativeBuffer.allocate(window);
        long got = kernel.retry(SystemCall.PREAD64, segment, end, of(window), of(size - window));
        if (got != window || window < LogFormat.RECORD_EXTRA) {
            return false;
        }
        int record = end.bytes().getInt(window - LogFormat.RECORD_TAIL);
        return record >= LogFormat.RECORD_EXTRA && record <= window
                && LogFormat.check(end.bytes(), window - record, window) == record;
    }

    private void begin(long next) {
        close();
        number = next;
        segment = segments.open(next, FileCalls.O_RDWR | FileCalls.O_APPEND | FileCalls.O_CREAT | FileCalls.O_EXCL);
        size = 0;
        writeHead();
        for (long old : segments.list()) {
            if (old <= next - options.segments()) {
                segments.remove(old);
            }
        }
    }

    private void writeHead() {
        NativeBuffer head = NativeBuffer.allocate(LogFormat.SEGMENT_HEAD);
        head.bytes().putLong(0, LogFormat.SEGMENT_MAGIC);
        head.bytes().putInt(8, LogFormat.VERSION);
        write(head, LogFormat.SEGMENT_HEAD);
    }
}
