package io.berth.daemon.restart;

import java.time.Duration;

/**
 * How long a container waits before it is started again: 100 ms at first, each time twice as long up to a minute, and 100 ms again
 * after a run of ten seconds. A container that fails at once costs one start a minute.
 */
public record BackOff(Duration last) {

    public static final BackOff NONE = new BackOff(Duration.ZERO);

    static final Duration FIRST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration GOOD_RUN = Duration.ofSeconds(10);

    /** The wait after another run, which took so long. */
    public BackOff after(Duration run) {
        if (last.isZero() || run.compareTo(GOOD_RUN) >= 0) {
            return new BackOff(FIRST);
        }
        Duration doubled = last.multipliedBy(2);
        return new BackOff(doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled);
    }
}
