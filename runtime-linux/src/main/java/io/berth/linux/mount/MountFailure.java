package io.berth.linux.mount;

/** Something of a container's file tree could not be mounted: what, and the reason. */
public final class MountFailure extends RuntimeException {

    /** Who has to change something. */
    public enum Kind {
        /** The host or the engine. */
        FAILED,
        /** Whoever asked for it: it makes no sense. */
        INVALID,
        /** What was asked for is not there. */
        NOT_FOUND
    }

    private final Kind kind;

    public MountFailure(String attempted, RuntimeException cause) {
        super(attempted + ": " + cause.getMessage(), cause);
        this.kind = Kind.FAILED;
    }

    public MountFailure(String message) {
        this(Kind.FAILED, message);
    }

    MountFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
