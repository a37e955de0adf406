package io.berth.linux.launch;

import io.berth.linux.kernel.Errno;

/** A process could not be started: the step at which the kernel refused, and why. */
public final class LaunchFailure extends RuntimeException {

    private final String step;
    private final Errno errno;

    public LaunchFailure(String message) {
        super(message);
        this.step = "";
        this.errno = Errno.EUNKNOWN;
    }

    /** A step of the plan failed, as in {@code mount proc on /proc: EPERM (operation not permitted)}. */
    public LaunchFailure(String step, Errno errno) {
        super(step + ": " + errno.describe());
        this.step = step;
        this.errno = errno;
    }

    /** The name of the failed step, empty when the launcher itself could not be started. */
    public String step() {
        return step;
    }

    public Errno errno() {
        return errno;
    }
}
