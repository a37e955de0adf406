package io.berth.linux.cgroup;

/** The kernel refused something on a control group; the message says what, on which, and why. */
public final class CgroupException extends RuntimeException {

    CgroupException(String message) {
        super(message);
    }

    CgroupException(String message, Throwable cause) {
        super(message, cause);
    }
}
