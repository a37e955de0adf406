package io.berth.daemon.container;

/**
 * A container could not be started.
 *
 * <p>The exit codes are those of {@code docker run}: 127 when the program was not found, 126 when it could not be executed,
 * 128 for everything else. Clients find out by the words {@code executable file not found}, {@code no such file or directory}
 * and {@code permission denied}, so the message keeps the shape of the reference engine's.
 */
public final class StartFailure extends RuntimeException {

    private final int exitCode;

    StartFailure(int exitCode, String reason) {
        super("failed to create task for container: failed to start the first process: " + reason);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
