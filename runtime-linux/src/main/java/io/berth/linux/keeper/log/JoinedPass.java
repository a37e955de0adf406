package io.berth.linux.keeper.log;

/** A way through a log that was begun in one form and goes on in another. The first part is complete. */
final class JoinedPass implements LogPass {

    private final LogPass first;
    private final LogPass later;
    /** How many of the last lines are in the first part; negative for all. */
    private final long fromFirst;
    private boolean firstIsOver;

    JoinedPass(LogPass.Begin first, LogPass.Begin later, LogQuery query, LogSink sink) {
        this.later = later.with(query, sink);
        fromFirst = query.tail() < 0 ? -1 : query.tail() - count(later, query.tail());
        this.first = first.with(query.withTail(fromFirst), sink);
        firstIsOver = fromFirst == 0;
    }

    /** How many lines there are, but not more than so many. */
    private static long count(LogPass.Begin part, long most) {
        long[] count = {0};
        try (LogPass pass = part.with(LogQuery.all().withTail(most), line -> count[0]++)) {
            pass.start();
            pass.drain();
        }
        return Math.min(most, count[0]);
    }

    @Override
    public void start() {
        first.start();
        later.start();
    }

    /** The first part does not grow any more. */
    @Override
    public void endAfter(long lines) {
        later.endAfter(lines == Long.MAX_VALUE ? lines : lines - fromFirst);
    }

    @Override
    public boolean drain() {
        if (!firstIsOver) {
            firstIsOver = true;
            if (!first.drain()) {
                return false;
            }
            first.finish();
        }
        return later.drain();
    }

    @Override
    public void between(LogPlace from, LogPlace to) {
        if (from.equals(LogPlace.BEGINNING)) {
            first.start();
            first.drain();
            first.finish();
        }
        later.between(from, to);
    }

    @Override
    public LogPlace end() {
        return later.end();
    }

    @Override
    public void finish() {
        later.finish();
    }

    @Override
    public void close() {
        first.close();
        later.close();
    }
}
