package io.berth.daemon.container;

/**
 * A further process of a container could not be started. Clients find out why by the words {@code executable file not found},
 * {@code no such file or directory} and {@code permission denied}; the sentence around them is the reference engine's, which
 * scripts match.
 */
public final class ExecFailure extends RuntimeException {

    private final int exitCode;

    ExecFailure(int exitCode, String reason) {
        super("OCI runtime exec failed: exec failed: " + reason + ": unknown");
        this.exitCode = exitCode;
    }

    /** 127 when there is no such program or directory, 126 when it cannot be executed, 128 otherwise. */
    public int exitCode() {
        return exitCode;
    }
}
