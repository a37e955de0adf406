package io.berth.linux.cgroup;

/** A limit that cannot be meant. The message is the reference engine's, word for word, because clients match on it. */
public final class InvalidLimitException extends IllegalArgumentException {

    InvalidLimitException(String message) {
        super(message);
    }
}
