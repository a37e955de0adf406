package io.berth.linux.keeper.log;

import io.berth.linux.kernel.Kernel;

/**
 * Reads a container's log, also while the keeper writes it. Lines come in the order in which their ends were read; a segment
 * that is rotated away meanwhile is skipped. What a process wrote after its last newline is delivered at the end.
 *
 * <p>One object may be used by many threads.
 */
public final class LogReader {

    private final Kernel kernel;
    private final Segments segments;

    /** @param directory the log's, which must exist; it may be empty */
    public LogReader(Kernel kernel, String directory) {
        this.kernel = kernel;
        this.segments = new Segments(kernel, directory);
    }

    /** Delivers what is in the log now. An unfinished line at its end is not counted by the query's tail. */
    public void read(LogQuery query, LogSink sink) {
        try (LogPass pass = new LogPass(kernel, segments, query, sink)) {
            if (query.tail() != 0) {
                pass.start();
                pass.drain();
                pass.finish();
            }
        }
    }

    /**
     * Delivers what is in the log and then what comes, until {@link LogWatch#end()} was called and all is read, the query's
     * until has passed, or {@link LogWatch#cancel()} was called. An unfinished line waits for its end.
     */
    public void follow(LogQuery query, LogWatch watch, LogSink sink) {
        try (LogPass pass = new LogPass(kernel, segments, query, line -> {
            if (!watch.isCancelled()) {
                sink.line(line);
            }
        })) {
            pass.start();
            while (!watch.isCancelled()) {
                // In this order: what comes after the look is announced by a later change.
                long seen = watch.changes();
                boolean ended = watch.isEnded();
                if (!pass.drain()) {
                    return;
                }
                if (ended) {
                    pass.finish();
                    return;
                }
                if (!watch.await(seen, query.untilNanos())) {
                    return;
                }
            }
        }
    }
}
