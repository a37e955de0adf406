package io.berth.daemon.container;

import io.berth.api.http.ApiException;
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
    private final ApiException.Kind kind;
    private final String reason;

    private StartFailure(int exitCode, ApiException.Kind kind, String message, String reason, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.kind = kind;
        this.reason = reason;
    }

    /** The first process could not be started. */
    static StartFailure ofProcess(int exitCode, String reason) {
        // 400 for what docker run turns into 126 and 127, as in the reference engine
        return new StartFailure(exitCode, exitCode < NOT_STARTED ? ApiException.Kind.INVALID : ApiException.Kind.INTERNAL, "failed to create task for container: failed to start the first process: " + reason, reason, null);
    }

    /** The container could not be connected to its networks. */
    static StartFailure ofNetwork(Container container, NetworkException failure) {
        String attempt = "failed to set up container networking: ";
        return switch (failure.kind()) {
            case NOT_FOUND -> new StartFailure(NOT_STARTED, ApiException.Kind.NOT_FOUND, attempt + failure.getMessage(), failure.getMessage(), failure);
            case INVALID -> new StartFailure(NOT_STARTED, ApiException.Kind.INVALID, attempt + failure.getMessage(), failure.getMessage(), failure);
            case FORBIDDEN -> new StartFailure(NOT_STARTED, ApiException.Kind.FORBIDDEN, attempt + failure.getMessage(), failure.getMessage(), failure);
            case UNAVAILABLE -> new StartFailure(NOT_STARTED, ApiException.Kind.INTERNAL, attempt + failure.getMessage(), failure.getMessage(), failure);
            // The reference engine answers a port that is taken with 500.
            case CONFLICT -> new StartFailure(NOT_STARTED, ApiException.Kind.INTERNAL, attempt
                    + "driver failed programming external connectivity on endpoint " + container.name() + " (" + container.id() + "): "
                    + failure.getMessage(), failure.getMessage(), failure);
        };
    }

    /** It cannot have the network that it is to have. */
    static StartFailure ofNetwork(ApiException.Kind kind, String reason) {
        return new StartFailure(NOT_STARTED, kind, reason, reason, null);
    }

    /** A container that it is linked to is not there for it. */
    static StartFailure ofLink(String reason) {
        return new StartFailure(NOT_STARTED, ApiException.Kind.INTERNAL, reason, reason, null);
    }

    /** Without the words of what was attempted. */
    String reason() {
        return reason;
    }

    public ApiException.Kind kind() {
        return kind;
    }

    public int exitCode() {
        return exitCode;
    }
}
