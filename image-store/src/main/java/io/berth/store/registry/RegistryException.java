package io.berth.store.registry;

/** What a registry refuses or does wrong, or why it cannot be reached; the message is meant for the person who asked. */
public final class RegistryException extends RuntimeException {

    /** Which sort of failure, for whoever answers over a protocol. */
    public enum Kind {
        /** There is no such repository, manifest or blob, or the registry does not say whether there is. */
        NOT_FOUND,
        /** The registry wants to know who asks, and nobody said. */
        NO_CREDENTIALS,
        /** The registry does not believe who asks. */
        UNAUTHORIZED,
        /** It knows who asks, and refuses. */
        DENIED,
        /** It was asked too often; later it will answer. */
        TOO_MANY_REQUESTS,
        /** It cannot be reached, or cannot do it now: repeating may help. */
        UNAVAILABLE,
        /** It sends what it must not: another digest, another size, no manifest. */
        INVALID
    }

    private final Kind kind;

    public RegistryException(Kind kind, String message) {
        this(kind, message, null);
    }

    public RegistryException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
