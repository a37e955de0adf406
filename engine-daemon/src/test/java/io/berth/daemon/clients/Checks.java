package io.berth.daemon.clients;

import java.util.Objects;
import java.util.concurrent.Callable;

/** Says each call that was checked, and ends the program at the first that is wrong. */
final class Checks {

    private Checks() {
    }

    static <T> void equal(String call, T expected, T seen) {
        that(call, Objects.equals(expected, seen), seen);
    }

    static void that(String call, boolean right, Object seen) {
        if (!right) {
            throw new AssertionError(call + ": " + seen);
        }
        System.out.println("ok " + call);
    }

    static void refused(String call, Class<? extends Exception> kind, Callable<?> action) {
        Object seen;
        try {
            seen = action.call();
        } catch (Exception refusal) {
            seen = refusal;
        }
        that(call, kind.isInstance(seen), seen);
    }
}
