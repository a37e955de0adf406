package io.berth.linux.kernel;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The kernel refused a call: which one, with what, and why. */
public final class SystemCallException extends RuntimeException {

    private final SystemCall call;
    private final Errno errno;
    private final transient Argument[] arguments;

    public SystemCallException(SystemCall call, Errno errno, Argument... arguments) {
        this.call = call;
        this.errno = errno;
        this.arguments = arguments;
    }

    public SystemCall call() {
        return call;
    }

    public Errno errno() {
        return errno;
    }

    /** Put together when somebody reads it: most refusals are answers that were expected, such as ENOENT, and nobody does. */
    @Override
    public String getMessage() {
        return Arrays.stream(arguments).map(Argument::toString).collect(Collectors.joining(", ", call.display() + "(", ")"))
                + ": " + errno.describe();
    }
}
