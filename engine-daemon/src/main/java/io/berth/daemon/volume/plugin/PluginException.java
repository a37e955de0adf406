package io.berth.daemon.volume.plugin;

/** A plugin did not do what it was asked for. The message has the reference's words. */
public final class PluginException extends RuntimeException {

    public enum Kind {
        /** There is no plugin of that name. */
        NOT_FOUND,
        /** It cannot be reached. */
        UNREACHABLE,
        /** It was asked, and did not answer in time. */
        LATE,
        /** It answered that it will not, or something that makes no sense. */
        REFUSED
    }

    private final Kind kind;

    PluginException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    PluginException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
