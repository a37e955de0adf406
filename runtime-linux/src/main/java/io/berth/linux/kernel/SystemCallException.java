package io.berth.linux.kernel;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The kernel refused a call: which one, with what, and why. */
public final class SystemCallException extends RuntimeException {

    private final SystemCall call;
    private final Errno errno;

    public SystemCallException(SystemCall call, Errno errno, Argument... arguments) {
        super(describe(call, errno, arguments));
        this.call = call;
        this.errno = errno;
    }

    public SystemCall call() {
        return call;
    }

    public Errno errno() {
        return errno;
    }

    private static String describe(SystemCall call, Errno errno, Argument... arguments) {
        return Arrays.stream(arguments).map(Argument::toString).collect(Collectors.joining(", ", call.display() + "(", ")"))
                + ": " + errno.describe();
    }
}
