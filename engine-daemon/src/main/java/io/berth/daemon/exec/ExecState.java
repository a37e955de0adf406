package io.berth.daemon.exec;

import java.time.Instant;

/**
 * Where an exec is in its life.
 *
 * <pre>
 *   Created ──▶ Starting ──▶ Running ──▶ Ended
 *      └───────────┴───────────────────────┘
 * </pre>
 * A start that the client could not be told of leads back from Starting to Created.
 */
sealed interface ExecState {

    record Created() implements ExecState {
    }

    /** Somebody is starting it; nobody else may. */
    record Starting() implements ExecState {
    }

    /** @param pid on the host */
    record Running(int pid) implements ExecState {
    }

    /**
     * It has ended, or could not be started.
     *
     * @param pid what it was on the host, 0 when it never ran
     */
    record Ended(int pid, int exitCode, Instant at) implements ExecState {
    }

    /** Whether its process lives, as far as is known. */
    default boolean isLive() {
        return this instanceof Starting || this instanceof Running;
    }
}
