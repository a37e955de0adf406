package io.berth.linux.keeper.log;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.file.FileStatus;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a log as the reference engine's driver {@code json-file} does: a line of JSON for each line of output, which everybody
 * can read (docs/formats/json-file.md). A file that has reached its size becomes {@code .1}, that one {@code .2}, and so on.
 *
 * <p>An unfinished line waits here until its end comes, {@link LogLine#LONGEST} bytes of it have come, or the process ends.
 */
final class JsonLogFile implements LogWriter {

    private static final int SEEK_END = 2;
    private static final byte[] NOTHING = {};

    private final Kernel kernel;
    private final FileCalls files;
    private final LogLoss loss;
    private final LogTime time = new LogTime();
    private final JsonEncoder.Tail[] tails;
    private final byte[][] unfinished = {NOTHING, NOTHING, NOTHING};
    /** By stream: the time of an unfinished line's first piece, 0 while it has none. */
    private final long[] lineTime = new long[LogFormat.STREAMS];
    private LogOptions options;
    /** For a struct stat that nobody reads. */
    private final NativeBuffer status = NativeBuffer.allocate(256);
    private Fd file;
    private long size;
    private boolean rotates;

    JsonLogFile(Kernel kernel, LogOptions options, LossListener listener) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        this.loss = new LogLoss(listener);
        this.options = options;
        byte[] attributes = options.attributes().getBytes(StandardCharsets.UTF_8);
        tails = new JsonEncoder.Tail[] {null, new JsonEncoder.Tail("stdout", attributes), new JsonEncoder.Tail("stderr", attributes)};
    }

    @Override
    public void append(ChunkBuffer buffer, int stream, int length, long timeNanos) {
        byte[] before = unfinished[stream];
        if (loss.rests(timeNanos)) {
            unfinished[stream] = NOTHING;
            loss.add(before.length + length);
            return;
        }
        ChunkBuffer.Lines lines = buffer.lines();
        System.arraycopy(before, 0, lines.input, 0, before.length);
        buffer.memory().bytes().get(ChunkBuffer.DATA, lines.input, before.length, length);
        int end = before.length + length;
        try {
            int at = encode(lines, stream, end, timeNanos);
            flush(lines);
            unfinished[stream] = at == end ? NOTHING : Arrays.copyOfRange(lines.input, at, end);
        } catch (SystemCallException failure) {
            failed(lines, stream, failure, end, timeNanos);
        }
    }

    @Override
    public void endOfOutput(ChunkBuffer buffer, long timeNanos) {
        ChunkBuffer.Lines lines = buffer.lines();
        for (int stream = LogFormat.STDOUT; stream < LogFormat.STREAMS; stream++) {
            byte[] rest = unfinished[stream];
            try {
                open(lines, timeNanos);
                if (rest.length > 0) {
                    encoded(lines, rest, 0, lines.encoder.begin(rest, 0, rest.length), stream, timeNanos);
                }
                flush(lines);
                unfinished[stream] = NOTHING;
                lineTime[stream] = 0;
            } catch (SystemCallException failure) {
                failed(lines, stream, failure, rest.length, timeNanos);
            }
        }
        loss.tell(false);
    }

    @Override
    public void options(LogOptions changed) {
        options = options.withLimitsOf(changed);
    }

    @Override
    public void rotate() {
        rotates = true;
    }

    @Override
    public LogPlace place(ChunkBuffer buffer) {
        if (file == null) {
            open(buffer.lines(), 1);
        }
        return new LogPlace(FileStatus.of(kernel, file).inode(), kernel.call(SystemCall.LSEEK, file, of(0), of(SEEK_END)));
    }

    @Override
    public byte[] unfinished(int stream) {
        return unfinished[stream].clone();
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    /** Encodes and writes the whole pieces; where the unfinished one begins. */
    private int encode(ChunkBuffer.Lines lines, int stream, int end, long timeNanos) {
        open(lines, timeNanos);
        int at = 0;
        while (at < end) {
            makeRoom(lines, stream);
            int limit = Math.min(end, at + LogLine.LONGEST);
            int reached = lines.encoder.begin(lines.input, at, limit);
            if (reached - at < LogLine.LONGEST && lines.input[reached - 1] != '\n') {
                lines.encoder.takeBack();
                return at;
            }
            encoded(lines, lines.input, at, reached, stream, timeNanos);
            at = reached;
        }
        return end;
    }

    /** Ends the line that was begun with these bytes; all pieces of a long line have the time of the first. */
    private void encoded(ChunkBuffer.Lines lines, byte[] in, int from, int to, int stream, long timeNanos) {
        long begun = lineTime[stream] == 0 ? timeNanos : lineTime[stream];
        lineTime[stream] = in[to - 1] == '\n' ? 0 : begun;
        lines.encoder.end(in, from, to, tails[stream].at(time, begun));
    }

    /** Room in memory for another piece, and in the file: like the reference's, it grows over its limit by one line. */
    private void makeRoom(ChunkBuffer.Lines lines, int stream) {
        if (lines.encoder.isFull(tails[stream].size())) {
            flush(lines);
        }
        if (rotates || size + lines.encoder.length() >= options.segmentBytes()) {
            flush(lines);
            begin();
        }
    }

    private void open(ChunkBuffer.Lines lines, long timeNanos) {
        lines.encoder.clear(tails[LogFormat.STDOUT].size());
        if (file == null) {
            file = files.open(options.file(), FileCalls.O_RDWR | FileCalls.O_APPEND | FileCalls.O_CREAT, 0640);
            size = kernel.call(SystemCall.LSEEK, file, of(0), of(SEEK_END));
            endTornLine(lines);
        }
        if (loss.isOpen()) {
            byte[] report = loss.report().getBytes(StandardCharsets.UTF_8);
            lines.encoder.begin(report, 0, report.length);
            lines.encoder.end(report, 0, report.length, tails[LogFormat.STDERR].at(time, timeNanos));
            flush(lines);
            loss.tell(true);
        }
    }

    /** A power cut may have taken the end of a line. */
    private void endTornLine(ChunkBuffer.Lines lines) {
        if (size > 0) {
            kernel.retry(SystemCall.PREAD64, file, lines.memory, of(1), of(size - 1));
            if (lines.memory.bytes().get(0) != '\n') {
                lines.memory.bytes().put(0, (byte) '\n');
                size += files.write(file, lines.memory, 0, 1);
            }
        }
    }

    private void flush(ChunkBuffer.Lines lines) {
        int length = lines.encoder.length();
        for (int at = 0; at < length; ) {
            int count = Math.min(lines.memory.size(), length - at);
            lines.memory.bytes().put(0, lines.encoder.bytes(), at, count);
            // A short write means that the disk is full. The next call says so.
            int written = files.write(file, lines.memory, 0, count);
            at += written;
            lines.written += written;
        }
        lines.encoder.clear(tails[LogFormat.STDOUT].size());
        size += lines.written;
        lines.written = 0;
    }

    /** The container goes on, its log has a hole; a piece of a line is taken back. */
    private void failed(ChunkBuffer.Lines lines, int stream, SystemCallException failure, int length, long timeNanos) {
        loss.failed(failure, length, timeNanos);
        unfinished[stream] = NOTHING;
        lineTime[stream] = 0;
        if (file != null && lines.written > 0) {
            long end = kernel.attempt(SystemCall.LSEEK, file, of(0), of(SEEK_END));
            kernel.attempt(SystemCall.FTRUNCATE, file, of(Math.max(0, end - lines.written)));
        }
        lines.written = 0;
        close();
    }

    /** The present file becomes the first of the old ones; with one file only, it goes. */
    private void begin() {
        close();
        rotates = false;
        attemptRemoval(options.segments() - 1);
        int old = 1;
        while (old < options.segments() - 1 && exists(old)) {
            old++;
        }
        for (int number = Math.min(old, options.segments() - 1); number > 0; number--) {
            kernel.attempt(SystemCall.RENAMEAT2, of(FileCalls.AT_FDCWD), of(path(number - 1)), of(FileCalls.AT_FDCWD), of(path(number)), of(0));
        }
        file = files.open(options.file(), FileCalls.O_RDWR | FileCalls.O_APPEND | FileCalls.O_CREAT, 0640);
        size = kernel.call(SystemCall.LSEEK, file, of(0), of(SEEK_END));
    }

    private void attemptRemoval(int number) {
        kernel.attempt(SystemCall.UNLINKAT, of(FileCalls.AT_FDCWD), of(path(number)), of(0));
    }

    private boolean exists(int number) {
        return kernel.attempt(SystemCall.NEWFSTATAT, of(FileCalls.AT_FDCWD), of(path(number)), status, of(FileCalls.AT_SYMLINK_NOFOLLOW)) == 0;
    }

    private String path(int number) {
        return JsonLogFiles.path(options.file(), number);
    }
}
