package io.berth.linux.keeper.log;

/** One reader's way through a log, from its beginning, or from where its query says, to its end. For one thread. */
interface LogPass extends AutoCloseable {

    /** Makes a pass whose lines go to the sink. */
    interface Begin {
        LogPass with(LogQuery query, LogSink sink);
    }

    /** Finds the first record that matters. */
    void start();

    /** Ends after that many lines, wanted or not: a log that grows while its tail is read is not followed. */
    void endAfter(long lines);

    /** Delivers all there is; false when lines have become younger than wanted. May be called again when there is more. */
    boolean drain();

    /** Delivers the unfinished lines: nothing will be added to them. */
    void finish();

    /** Instead of all that: delivers what is between two places, with the unfinished lines at the second. */
    void between(LogPlace from, LogPlace to);

    /** Where the log ends now, when nobody writes it. */
    LogPlace end();

    @Override
    void close();
}
