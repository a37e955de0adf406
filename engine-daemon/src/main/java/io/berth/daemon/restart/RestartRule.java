package io.berth.daemon.restart;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.RestartPolicy;

/**
 * When a container that has ended is started again: its restart policy. Knows nothing of containers; whoever asks tells what has
 * happened.
 *
 * @param maximumRetries of {@link When#ON_FAILURE}, 0 for no limit
 */
public record RestartRule(When when, int maximumRetries) {

    /** The policies of the API. */
    public enum When { NO, ALWAYS, UNLESS_STOPPED, ON_FAILURE }

    public static final RestartRule NEVER = new RestartRule(When.NO, 0);

    private static final String RETRIES = "invalid restart policy: maximum retry count can";

    /** @throws ApiException invalid, in the reference engine's words */
    public static RestartRule of(RestartPolicy policy) {
        When when = switch (policy.name()) {
            case "", "no" -> When.NO;
            case "always" -> When.ALWAYS;
            case "unless-stopped" -> When.UNLESS_STOPPED;
            case "on-failure" -> When.ON_FAILURE;
            default -> throw ApiException.invalid("invalid restart policy: unknown policy '" + policy.name()
                    + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        };
        int retries = policy.maximumRetryCount();
        if (when == When.ON_FAILURE && retries < 0) {
            throw ApiException.invalid(RETRIES + "not be negative");
        }
        if (when != When.ON_FAILURE && retries != 0) {
            throw ApiException.invalid(RETRIES + " only be used with 'on-failure'" + (retries < 0 ? " and cannot be negative" : ""));
        }
        return new RestartRule(when, retries);
    }

    /** Whether it can ever start a container. */
    public boolean restarts() {
        return when != When.NO;
    }

    /** Whether a run that has ended by itself, or was lost with the machine, is followed by another. */
    public boolean followsRun(int exitCode, Supervision supervision) {
        return !supervision.endedByHand() && switch (when) {
            case NO -> false;
            case ALWAYS, UNLESS_STOPPED -> true;
            case ON_FAILURE -> exitCode != 0 && (maximumRetries == 0 || supervision.restarts() < maximumRetries);
        };
    }

    /** Whether a container that has run before and runs no more is started together with the daemon. */
    public boolean followsDaemonStart(int exitCode, Supervision supervision) {
        return when == When.ALWAYS || followsRun(exitCode, supervision);
    }
}
