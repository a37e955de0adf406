package io.berth.linux.keeper.log;

import io.berth.linux.kernel.Kernel;

/**
 * Reads a container's log, also while the keeper writes it. Lines come in the order in which their ends were read; a segment
 * that is rotated away meanwhile is skipped. What a process wrote after its last newline is delivered at the end.
 *
 * <p>One object may be used by many threads.
 */
public final class LogReader {

    private final LogPass.Begin begin;

    private LogReader(LogPass.Begin begin) {
        this.begin = begin;
    }

    /**
     * Of a {@link LogSpool}.
     *
     * @param directory the log's, which must exist; it may be empty
     */
    public LogReader(Kernel kernel, String directory) {
        this(spool(kernel, directory));
    }

    /**
     * Of a {@link JsonLogFile}, and before it of what a keeper that knew of no such files has written for the same container.
     *
     * @param file the log's; it may be missing
     * @param directory of a spool, which must exist; it is usually empty
     */
    public static LogReader ofJsonFile(Kernel kernel, String file, String directory) {
        LogPass.Begin json = (query, sink) -> new JsonPass(kernel, file, query, sink);
        boolean alone = new Segments(kernel, directory).list().length == 0;
        return new LogReader(alone ? json : (query, sink) -> new JoinedPass(spool(kernel, directory), json, query, sink));
    }

    private static LogPass.Begin spool(Kernel kernel, String directory) {
        return (query, sink) -> new SpoolPass(kernel, new Segments(kernel, directory), query, sink);
    }

    /** Delivers what is in the log now. An unfinished line at its end is not counted by the query's tail. */
    public void read(LogQuery query, LogSink sink) {
        try (LogPass pass = begin.with(query, sink)) {
            if (query.tail() != 0) {
                pass.start();
                if (query.tail() > 0) {
                    pass.endAfter(query.tail());
                }
                pass.drain();
                pass.endAfter(Long.MAX_VALUE); // an unfinished line is one more
                pass.finish();
            }
        }
    }

    /** Delivers what was written between two moments; nothing twice when the next call begins where this one ended. */
    public void between(LogPlace from, LogPlace to, LogQuery query, LogSink sink) {
        try (LogPass pass = begin.with(query, sink)) {
            pass.between(from, to);
        }
    }

    /** Where the log ends; only while nobody writes it. */
    public LogPlace end() {
        try (LogPass pass = begin.with(LogQuery.all(), line -> { })) {
            return pass.end();
        }
    }

    /**
     * Delivers what is in the log and then what comes, until {@link LogWatch#end()} was called and all is read, the query's
     * until has passed, or {@link LogWatch#cancel()} was called. An unfinished line waits for its end.
     */
    public void follow(LogQuery query, LogWatch watch, LogSink sink) {
        try (LogPass pass = begin.with(query, line -> {
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
