package io.berth.daemon.build.dockerfile;

import java.util.regex.Pattern;

/** What a source of ADD or COPY is by its look. */
public enum RemoteSource {
    /** A path in the context. */
    LOCAL,
    /** A file that is downloaded. */
    HTTP,
    /** A repository: by its scheme, by {@code git@host:path}, or by {@code .git} at the end of a web address. */
    GIT;

    private static final Pattern WEB = Pattern.compile("https?://.*", Pattern.DOTALL);
    private static final Pattern WEB_REPOSITORY = Pattern.compile("https?://[^?#]*\\.git(?:[?#].*)?", Pattern.DOTALL);
    private static final Pattern REPOSITORY = Pattern.compile("(?:git|ssh)://.*|[a-zA-Z0-9_.-]+@[a-zA-Z0-9.-]+:.*", Pattern.DOTALL);

    public static RemoteSource of(String source) {
        if (WEB_REPOSITORY.matcher(source).matches() || REPOSITORY.matcher(source).matches()) {
            return GIT;
        }
        return WEB.matcher(source).matches() ? HTTP : LOCAL;
    }
}
