package io.berth.linux.keeper.log;

/**
 * Which lines of a log. Like the reference engine's, the tail is counted first, over both streams, and the rest chosen
 * from it.
 *
 * @param tail how many of the last lines (pieces of long ones count); negative for all
 * @param sinceNanos lines not older than this, in nanoseconds since 1970; {@link Long#MIN_VALUE} for all
 * @param untilNanos lines not younger than this; {@link Long#MAX_VALUE} for all
 */
public record LogQuery(boolean stdout, boolean stderr, long tail, long sinceNanos, long untilNanos) {

    public static LogQuery all() {
        return new LogQuery(true, true, -1, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    public LogQuery withTail(long lines) {
        return new LogQuery(stdout, stderr, lines, sinceNanos, untilNanos);
    }

    public LogQuery between(long since, long until) {
        return new LogQuery(stdout, stderr, tail, since, until);
    }

    boolean wants(LogLine line) {
        return (line.stream() == LogFormat.STDOUT ? stdout : stderr) && line.timeNanos() >= sinceNanos;
    }
}
