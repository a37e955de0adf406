package io.berth.linux.keeper;

/** The keeper did not do what it was asked. */
public final class KeeperException extends RuntimeException {

    /** Why not. */
    public enum Kind {
        /** The keeper knows no such key, or its process has ended. */
        NOT_FOUND,
        /** What is asked does not fit what runs. */
        CONFLICT,
        /** The request makes no sense to the keeper. */
        INVALID,
        /** A system call of the keeper failed. */
        FAILED,
        /** No answer before the deadline; the keeper may still do it. */
        TIMEOUT,
        /** There is no keeper, or it is gone. */
        LOST
    }

    private final Kind kind;

    public KeeperException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public KeeperException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
