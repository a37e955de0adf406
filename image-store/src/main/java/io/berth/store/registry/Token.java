package io.berth.store.registry;

import java.time.Duration;

/**
 * A bearer token.
 *
 * @param renewAt from when on another one is asked for, in the sense of {@link System#nanoTime}
 * @param refreshToken an identity token that came with it, or empty
 */
record Token(String text, long renewAt, String refreshToken) {

    /** What a token lives when nobody says (distribution's token specification). */
    private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);

    /** @param seconds of life that its server promises; not believed below that minute, as the specification asks */
    static Token of(String text, long seconds, String refreshToken) {
        Duration life = seconds < DEFAULT_LIFE.toSeconds() ? DEFAULT_LIFE : Duration.ofSeconds(Math.min(seconds, 86_400));
        return new Token(text, System.nanoTime() + life.multipliedBy(9).dividedBy(10).toNanos(), refreshToken);
    }

    boolean isFresh() {
        return System.nanoTime() - renewAt < 0;
    }
}
