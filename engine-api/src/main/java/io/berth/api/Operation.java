package io.berth.api;

/**
 * One operation of the API.
 *
 * @param method in capitals
 * @param route the template by which it is found; {@code {name:.*}} may contain slashes
 */
public record Operation(String method, String route, State state) {
    /** How far an operation is. */
    public enum State {
        /** Served. */
        BUILT,
        /** Will be served by a later version; answers 501 until then. */
        NOT_YET,
        /** Outside the scope of the engine; answers as an engine without that feature does. */
        NEVER
    }

    /** The template as people write it, such as {@code /images/{name}/json}. */
    public String path() {
        return route.replace(":.*", "");
    }

    @Override
    public String toString() {
        return method + " " + path();
    }
}
