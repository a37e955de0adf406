package io.berth.daemon.container;

import io.berth.daemon.network.address.NetworkException;

/**
 * A container could not be started.
 *
 * <p>The exit codes are those of {@code docker run}: 127 when the program was not found, 126 when it could not be executed,
 * 128 for everything else. Clients find out by the words {@code executable file not found}, {@code no such file or directory}
 * and {@code permission denied}, so the message keeps the shape of the reference engine's.
 */
public final class StartFailure extends RuntimeException {

    static final int NOT_STARTED = 128;

    private final int exitCode;
    private final String reason;

    private StartFailure(int exitCode, String message, String reason, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.reason = reason;
    }

    /** The first process could not be started. */
    static StartFailure ofProcess(int exitCode, String reason) {
        return new StartFailure(exitCode, "failed to create task for container: failed to start the first process: " + reason, reason, null);
    }

    /** The container could not be connected to its network. */
    static StartFailure ofNetwork(Container container, NetworkException failure) {
        return new StartFailure(NOT_STARTED, "failed to set up container networking: driver failed programming external connectivity on endpoint "
                + container.name() + " (" + container.id() + "): " + failure.getMessage(), failure.getMessage(), failure);
    }

    /** A container that it is linked to is not there for it. */
    static StartFailure ofLink(String reason) {
        return new StartFailure(NOT_STARTED, reason, reason, null);
    }

    /** Without the words of what was attempted. */
    String reason() {
        return reason;
    }

    public int exitCode() {
        return exitCode;
    }
}
