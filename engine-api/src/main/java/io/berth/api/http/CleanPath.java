package io.berth.api.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Paths with empty segments, {@code .} or {@code ..} in them are sent to where they lead, as by the reference: a client whose base
 * address ends with a slash asks for {@code //v1.51/info}.
 */
final class CleanPath {
    private CleanPath() {
    }

    /**
     * Where the client has to go instead; empty for a path that is clean.
     *
     * @param path decoded
     * @param uri as the client wrote it; its query stays
     */
    static Optional<String> instead(String path, String uri) {
        if (!path.contains("//") && !path.contains("/.")) {
            return Optional.empty();
        }
        String clean = clean(path);
        if (clean.equals(path)) {
            return Optional.empty();
        }
        int query = uri.indexOf('?');
        try {
            return Optional.of(new URI(null, null, clean, null).getRawPath() + (query < 0 ? "" : uri.substring(query)));
        } catch (URISyntaxException unspeakable) {
            return Optional.empty();
        }
    }

    private static String clean(String path) {
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : path.split("/")) {
            if (segment.equals("..")) {
                segments.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.addLast(segment);
            }
        }
        String clean = "/" + String.join("/", segments);
        return path.endsWith("/") && !segments.isEmpty() ? clean + "/" : clean;
    }
}
