package io.berth.api.container;

import io.berth.api.http.ApiException;

/** What to wait for. */
public enum WaitCondition {
    /** Returns at once when the container does not run. */
    NOT_RUNNING("not-running"),
    /** The end of the present or the next run, or of the container when no run comes any more. */
    NEXT_EXIT("next-exit"),
    /** The container is gone; with its last exit status. */
    REMOVED("removed");

    private final String word;

    WaitCondition(String word) {
        this.word = word;
    }

    /** An empty word means not-running; an unknown one is INVALID. */
    public static WaitCondition parse(String word) {
        if (word.isEmpty()) {
            return NOT_RUNNING;
        }
        for (WaitCondition condition : values()) {
            if (condition.word.equals(word)) {
                return condition;
            }
        }
        throw ApiException.invalid("invalid condition: \"" + word + "\"");
    }
}
