package io.berth.daemon.network.address;

/** A network could not do what was asked; the message is the reference's where clients read it. */
public final class NetworkException extends RuntimeException {

    /** Whose fault it is. */
    public enum Kind {
        /** The request makes no sense here. */
        INVALID,
        /** There is no such network. */
        NOT_FOUND,
        /** It is understood, and not done: a predefined network, one in use, addresses of another one. */
        FORBIDDEN,
        /** Somebody else has what was asked for: a port, an address. */
        CONFLICT,
        /** Nothing is left: no free subnet, address or port; or the kernel lacks or refuses something. */
        UNAVAILABLE
    }

    private final Kind kind;

    public NetworkException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public NetworkException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
