package io.berth.daemon.container;

/** The user or group that a process should have is not in the container's passwd or group file. */
public final class UnknownUserException extends RuntimeException {

    UnknownUserException(String message) {
        super(message);
    }
}
