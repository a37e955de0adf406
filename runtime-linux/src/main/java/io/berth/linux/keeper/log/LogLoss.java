package io.berth.linux.keeper.log;

import io.berth.linux.kernel.SystemCallException;

/** Counts what cannot be written into a log, and tells of it once when it begins and once when it is over. */
final class LogLoss {

    /** After a failure the disk is left alone for so long. */
    private static final long REST_NANOS = 1_000_000_000L;

    private final LogWriter.LossListener listener;
    private long chunks;
    private long bytes;
    private long allChunks;
    private long failedAt;
    private String why = "";

    LogLoss(LogWriter.LossListener listener) {
        this.listener = listener;
    }

    /** Whether a failure was so recently that it makes no sense to try again. */
    boolean rests(long timeNanos) {
        return failedAt != 0 && timeNanos - failedAt >= 0 && timeNanos - failedAt < REST_NANOS;
    }

    /** Whether something is missing that nobody has been told of. */
    boolean isOpen() {
        return chunks > 0;
    }

    void add(int length) {
        chunks++;
        allChunks++;
        bytes += length;
    }

    void failed(SystemCallException failure, int length, long timeNanos) {
        boolean first = failedAt == 0;
        failedAt = timeNanos == 0 ? 1 : timeNanos;
        why = failure.errno().text();
        add(length);
        if (first) {
            listener.lost(0, 0, failure.getMessage());
        }
    }

    /** A line for the log itself. */
    String report() {
        return "[berth: " + bytes + " bytes of output (" + chunks + " reads) are missing here: " + why + "]\n";
    }

    /** The report is written, or never will be because the process has ended. */
    void tell(boolean writable) {
        if (chunks > 0) {
            listener.lost(chunks, bytes, writable ? "" : why);
        }
        chunks = 0;
        bytes = 0;
        failedAt = writable ? 0 : failedAt;
    }

    /** How many chunks could not be written, since the beginning. */
    long total() {
        return allChunks;
    }
}
