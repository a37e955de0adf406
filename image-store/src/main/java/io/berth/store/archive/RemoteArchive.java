package io.berth.store.archive;

import io.berth.store.content.StoreException;
import io.berth.store.registry.Proxies;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * A file that {@code docker import} takes from a web server, as it comes: not kept anywhere, read once. Refusals have the reference
 * engine's words. It follows redirections, ten at most, and shows a password in the address to the host that the address names alone.
 */
public final class RemoteArchive implements AutoCloseable {

    private static final int MOST_REDIRECTIONS = 10;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(30);
    /** A server that sends nothing for so long will not send more. */
    private static final Duration SILENCE_LIMIT = Duration.ofMinutes(2);
    private static final int MOST_OF_A_REFUSAL = 1024;

    private final URI uri;
    private final HttpURLConnection connection;
    private final InputStream body;

    private RemoteArchive(URI uri, HttpURLConnection connection, InputStream body) {
        this.uri = uri;
        this.connection = connection;
        this.body = body;
    }

    /**
     * Asks for it, and returns when it begins to come.
     *
     * @param address {@code http://} when it has no scheme
     * @throws StoreException invalid or not found, when it is no address or the server refuses
     * @throws UncheckedIOException when there is no answer
     */
    public static RemoteArchive open(String address, Proxies proxies) {
        URI first = parse(address.contains("://") ? address : "http://" + address);
        URI uri = first;
        for (int redirections = 0; redirections <= MOST_REDIRECTIONS; redirections++) {
            requireHttp(uri);
            HttpURLConnection connection = connect(uri, proxies, uri.getRawAuthority().equals(first.getRawAuthority()));
            Optional<URI> next = redirection(uri, connection);
            if (next.isEmpty()) {
                return answer(first, uri, connection);
            }
            connection.disconnect();
            uri = next.get();
        }
        throw StoreException.invalid(get(first) + "stopped after " + MOST_REDIRECTIONS + " redirects");
    }

    private static URI parse(String address) {
        try {
            URI uri = URI.create(address);
            if (uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException malformed) {
            // the same refusal
        }
        throw StoreException.invalid("import " + address + ": this is no address of a file on a web server; give http://HOST/PATH, or - for the body");
    }

    private static void requireHttp(URI uri) {
        if (!"http".equalsIgnoreCase(uri.getScheme()) && !"https".equalsIgnoreCase(uri.getScheme())) {
            throw StoreException.invalid(get(uri) + "unsupported protocol scheme \"" + uri.getScheme() + '"');
        }
    }

    private static HttpURLConnection connect(URI uri, Proxies proxies, boolean withPassword) {
        try {
            Proxy proxy = proxies.selector().select(uri).getFirst();
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(proxy);
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout((int) CONNECT_LIMIT.toMillis());
            connection.setReadTimeout((int) SILENCE_LIMIT.toMillis());
            // Otherwise Java takes any text as better than an archive.
            connection.setRequestProperty("Accept", "*/*");
            connection.setRequestProperty("User-Agent", "berth");
            proxies.authorization(uri).ifPresent(value -> connection.setRequestProperty("Proxy-Authorization", value));
            if (withPassword && uri.getUserInfo() != null) {
                connection.setRequestProperty("Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(uri.getUserInfo().getBytes(StandardCharsets.UTF_8)));
            }
            connection.getResponseCode();
            return connection;
        } catch (IOException failure) {
            throw unreachable(uri, failure);
        }
    }

    private static Optional<URI> redirection(URI uri, HttpURLConnection connection) {
        String location = connection.getHeaderField("Location");
        boolean elsewhere = switch (status(uri, connection)) {
            case 301, 302, 303, 307, 308 -> location != null;
            default -> false;
        };
        try {
            return elsewhere ? Optional.of(uri.resolve(location)) : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            throw StoreException.invalid(get(uri) + "the server redirects to \"" + location + "\", which is no address");
        }
    }

    private static RemoteArchive answer(URI first, URI uri, HttpURLConnection connection) {
        int status = status(uri, connection);
        try {
            if (status < 400) {
                return new RemoteArchive(shown(first), connection, connection.getInputStream());
            }
            String refusal = "failed to GET " + shown(uri) + " with status " + status + ' ' + connection.getResponseMessage() + ": " + said(connection);
            throw status == 404 ? StoreException.notFound(refusal) : StoreException.invalid(refusal);
        } catch (IOException failure) {
            throw unreachable(uri, failure);
        }
    }

    private static int status(URI uri, HttpURLConnection connection) {
        try {
            return connection.getResponseCode();
        } catch (IOException failure) {
            throw unreachable(uri, failure);
        }
    }

    private static String said(HttpURLConnection connection) throws IOException {
        try (InputStream text = connection.getErrorStream()) {
            return text == null ? "" : new String(text.readNBytes(MOST_OF_A_REFUSAL), StandardCharsets.UTF_8).strip();
        }
    }

    private static UncheckedIOException unreachable(URI uri, IOException failure) {
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
        String where = get(uri) + "dial tcp";
        return switch (failure) {
            case UnknownHostException unknown -> new UncheckedIOException(where + ": lookup " + uri.getHost(), new IOException("no such host", failure));
            case ConnectException refused -> new UncheckedIOException(where + ' ' + uri.getHost() + ':' + port + ": connect",
                    new IOException("connection refused", failure));
            case SocketTimeoutException late -> new UncheckedIOException(get(uri) + "no answer from the server", new IOException("timeout", failure));
            default -> new UncheckedIOException("Get \"" + shown(uri) + '"', failure);
        };
    }

    private static String get(URI uri) {
        return "Get \"" + shown(uri) + "\": ";
    }

    /** Without a password. */
    private static URI shown(URI uri) {
        return uri.getRawUserInfo() == null ? uri : URI.create(uri.toString().replaceFirst("//[^/@]*@", "//"));
    }

    /** What was asked for, without a password: this is written into the image. */
    public URI uri() {
        return uri;
    }

    /** In bytes; negative when the server does not say. */
    public long size() {
        return connection.getContentLengthLong();
    }

    /** Ends early, with a failure, when the server breaks off or falls silent. */
    public InputStream body() {
        return body;
    }

    @Override
    public void close() {
        connection.disconnect();
    }
}
