package io.berth.store.registry;

import java.time.Duration;

/**
 * How long registries are waited for.
 *
 * @param connect until a connection stands
 * @param stall for the next byte, in either direction; for the head of an answer, too
 * @param attempts of each request, the first one counted, at least 1
 * @param firstPause before the second attempt; it doubles from there on
 * @param longestPause between two attempts; a registry whose Retry-After is longer is not asked again
 */
public record Patience(Duration connect, Duration stall, int attempts, Duration firstPause, Duration longestPause) {

    public static final Patience DEFAULT = new Patience(Duration.ofSeconds(30), Duration.ofSeconds(30), 5, Duration.ofMillis(500),
            Duration.ofSeconds(30));

    public Patience withAttempts(int newAttempts) {
        return new Patience(connect, stall, newAttempts, firstPause, longestPause);
    }

    /** Before attempt number {@code attempt}, which is at least 2. */
    Duration pauseBefore(int attempt) {
        Duration pause = firstPause.multipliedBy(1L << Math.min(attempt - 2, 16));
        return pause.compareTo(longestPause) > 0 ? longestPause : pause;
    }
}
