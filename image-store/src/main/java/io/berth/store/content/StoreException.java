package io.berth.store.content;

/** What the image store refuses, and why; the message is meant for the person who asked. */
public final class StoreException extends RuntimeException {

    /** Which sort of refusal, for whoever answers over a protocol. */
    public enum Kind {
        /** There is no such image, blob or layer. */
        NOT_FOUND,
        /** What was asked is at odds with something else that is there. */
        CONFLICT,
        /** The request, an archive or an image is not what it has to be. */
        INVALID,
        /** What the store itself holds is damaged. */
        CORRUPT,
        /** What it takes is in use; later it may not be. */
        UNAVAILABLE
    }

    private final Kind kind;

    private StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public static StoreException notFound(String message) {
        return new StoreException(Kind.NOT_FOUND, message, null);
    }

    public static StoreException conflict(String message) {
        return new StoreException(Kind.CONFLICT, message, null);
    }

    public static StoreException invalid(String message) {
        return new StoreException(Kind.INVALID, message, null);
    }

    public static StoreException invalid(String message, Throwable cause) {
        return new StoreException(Kind.INVALID, message, cause);
    }

    public static StoreException corrupt(String message) {
        return new StoreException(Kind.CORRUPT, message, null);
    }

    public static StoreException unavailable(String message) {
        return new StoreException(Kind.UNAVAILABLE, message, null);
    }

    public Kind kind() {
        return kind;
    }
}
