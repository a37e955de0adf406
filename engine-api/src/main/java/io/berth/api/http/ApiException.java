package io.berth.api.http;

/**
 * A request that is refused. Its message is the client's: what was attempted, on what, why it failed and what to do; where clients
 * match on the reference engine's text, that text. {@link Kind} alone decides the status of the response.
 */
public final class ApiException extends RuntimeException {
    /** Why a request is refused, and with which HTTP status. */
    public enum Kind {
        INVALID(400), UNAUTHORIZED(401), FORBIDDEN(403), NOT_FOUND(404), CONFLICT(409), TOO_MANY_REQUESTS(429),
        /** Nothing had to be done; the response has no body. */
        NOT_MODIFIED(304),
        INTERNAL(500), NOT_IMPLEMENTED(501), UNAVAILABLE(503);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    private final Kind kind;

    public ApiException(Kind kind, String message) {
        this(kind, message, null);
    }

    /** @param cause for the engine's log, or null; the client never sees it */
    public ApiException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public static ApiException invalid(String message) {
        return new ApiException(Kind.INVALID, message);
    }

    public static ApiException notFound(String message) {
        return new ApiException(Kind.NOT_FOUND, message);
    }

    public static ApiException conflict(String message) {
        return new ApiException(Kind.CONFLICT, message);
    }

    public static ApiException notModified() {
        return new ApiException(Kind.NOT_MODIFIED, "not modified");
    }

    public static ApiException notImplemented(String message) {
        return new ApiException(Kind.NOT_IMPLEMENTED, message);
    }
}
