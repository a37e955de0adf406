package io.berth.linux.keeper.log;

import io.berth.linux.kernel.Kernel;

/**
 * The one writer of a container's log. A log that cannot be written (a full disk, a removed directory) must not stop its
 * container: the chunk is dropped and counted, and the next is tried again; once that works, the log itself says how much is
 * missing. Nothing is synced. For one thread.
 */
public sealed interface LogWriter extends AutoCloseable permits LogSpool, JsonLogFile {

    /** Told what of a log is lost. */
    interface LossListener {

        /**
         * @param chunks how many reads of output are lost since the last time it was told; 0 when the first one just was
         * @param bytes how many bytes these are
         * @param why what makes writing impossible; empty when it is possible again
         */
        void lost(long chunks, long bytes, String why);
    }

    /** The writer these options ask for. Opens nothing yet: a container that never says a word has no log file. */
    static LogWriter of(Kernel kernel, LogOptions options, LossListener listener) {
        return options.file().isEmpty() ? new LogSpool(kernel, options, listener) : new JsonLogFile(kernel, options, listener);
    }

    /**
     * Appends the chunk in the buffer, {@code length} bytes of data. The buffer's room before and after the data may be
     * overwritten, the data itself is not.
     *
     * @param stream 1 for standard output, 2 for standard error
     * @param timeNanos when it was read, since 1970
     */
    void append(ChunkBuffer buffer, int stream, int length, long timeNanos);

    /** Says that the process has ended: an unfinished line will not be finished, and what follows begins a new one. */
    void endOfOutput(ChunkBuffer buffer, long timeNanos);

    /** New limits; the place stays what it was. */
    void options(LogOptions changed);

    /** Begins a new segment with the next record. */
    void rotate();

    /**
     * Where the log ends now. Output that is not in it yet because its line has not ended is told by {@link #unfinished}.
     *
     * @throws io.berth.linux.kernel.SystemCallException when the log cannot be opened
     */
    LogPlace place(ChunkBuffer buffer);

    /** The output of a stream that came before {@link #place} and will be behind it. */
    byte[] unfinished(int stream);

    @Override
    void close();
}
