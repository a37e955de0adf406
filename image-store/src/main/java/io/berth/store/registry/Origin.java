package io.berth.store.registry;

import java.net.URI;
import java.util.Locale;

/** Who answers a URI: scheme, host and port. Secrets for one are never shown to another. */
record Origin(String scheme, String host, int port) {

    static Origin of(URI uri) {
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return new Origin(scheme, uri.getHost().toLowerCase(Locale.ROOT), port);
    }

    boolean isEncrypted() {
        return scheme.equals("https");
    }

    /** The host of {@code HOST:PORT}, without the brackets of an IPv6 address. */
    static String hostOf(String authority) {
        String host = authority.substring(0, portColon(authority));
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    static int portOf(String authority, int fallback) {
        int colon = portColon(authority);
        try {
            return colon == authority.length() ? fallback : Integer.parseInt(authority.substring(colon + 1));
        } catch (NumberFormatException none) {
            return -1;
        }
    }

    private static int portColon(String authority) {
        int colon = authority.lastIndexOf(':');
        boolean bare = authority.indexOf(':') != colon && !authority.startsWith("[");
        return colon < 0 || bare || authority.indexOf(']', colon) >= 0 ? authority.length() : colon;
    }
}
