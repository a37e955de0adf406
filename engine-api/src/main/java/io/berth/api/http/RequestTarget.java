package io.berth.api.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request line asks for, taken apart.
 *
 * @param version as written in the path's prefix, empty without one
 * @param path without the prefix, decoded
 */
record RequestTarget(String version, String path, Query query) {
    private static final Pattern VERSIONED = Pattern.compile("/v([0-9.]+)(/.*)", Pattern.DOTALL);

    /** Accepts the absolute form too ({@code http://host/path}), as a proxy would send it. */
    static RequestTarget parse(String uri) {
        String target = withoutAuthority(uri);
        int mark = target.indexOf('?');
        String path = path(target);
        Query query = new Query(mark < 0 ? Map.of() : parameters(target.substring(mark + 1)));
        Matcher versioned = VERSIONED.matcher(path);
        return versioned.matches()
                ? new RequestTarget(versioned.group(1), versioned.group(2), query)
                : new RequestTarget("", path, query);
    }

    /** Where a client has to go that asks for a path which is not clean. */
    static Optional<String> elsewhere(String uri) {
        String target = withoutAuthority(uri);
        return CleanPath.instead(path(target), target);
    }

    private static String path(String target) {
        int mark = target.indexOf('?');
        return decode(mark < 0 ? target : target.substring(0, mark), false);
    }

    private static String withoutAuthority(String uri) {
        if (uri.startsWith("/")) {
            return uri;
        }
        int scheme = uri.indexOf("://");
        if (scheme < 0) {
            return "/" + uri;
        }
        int path = uri.indexOf('/', scheme + 3);
        return path < 0 ? "/" : uri.substring(path);
    }

    private static Map<String, List<String>> parameters(String text) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
                String value = equals < 0 ? "" : decode(pair.substring(equals + 1), true);
                parameters.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
            }
        }
        return parameters;
    }

    private static String decode(String text, boolean plusIsSpace) {
        if (text.indexOf('%') < 0 && (!plusIsSpace || text.indexOf('+') < 0)) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%') {
                int high = i <= bytes.length - 3 ? Character.digit(bytes[i + 1], 16) : -1;
                int low = i <= bytes.length - 3 ? Character.digit(bytes[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw ApiException.invalid("invalid URL escape in \"" + text + "\"");
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = plusIsSpace && bytes[i] == '+' ? (byte) ' ' : bytes[i];
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
