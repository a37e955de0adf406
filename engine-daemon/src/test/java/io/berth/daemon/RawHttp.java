package io.berth.daemon;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One HTTP connection to an engine's Unix socket, byte by byte: for what the docker CLI never sends, and for measuring.
 * Interrupting the thread (a test's time limit) ends whatever it waits for.
 */
public final class RawHttp implements AutoCloseable {

    /** An answer; header names are in lower case. */
    public record Answer(int status, Map<String, String> headers, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private final SocketChannel channel;
    private final InputStream in;
    private final OutputStream out;

    public RawHttp(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        in = new BufferedInputStream(Channels.newInputStream(channel), 16 * 1024);
        out = Channels.newOutputStream(channel);
    }

    /** One request without a body on a connection of its own. */
    public static Answer get(Path socket, String path) throws IOException {
        try (RawHttp http = new RawHttp(socket)) {
            return http.request("GET", path, "");
        }
    }

    /** Sends a request, with a JSON body unless it is empty, and reads the whole answer. */
    public Answer request(String method, String path, String json) throws IOException {
        return request(method, path, json.isEmpty() ? Map.of() : Map.of("Content-Type", "application/json"), json.getBytes(StandardCharsets.UTF_8));
    }

    public Answer request(String method, String path, Map<String, String> headers, byte[] body) throws IOException {
        sendHead(method, path, headers, body.length);
        out.write(body);
        return readBody(method, readHead());
    }

    /** Reads what follows a head; to the end of the connection when nothing says how long it is. */
    public Answer readBody(String method, Answer head) throws IOException {
        boolean empty = method.equals("HEAD") || head.status() == 204 || head.status() == 304;
        return new Answer(head.status(), head.headers(), empty ? new byte[0] : readBody(head.headers()));
    }

    /** Sends the head alone: the body, or the stream after an upgrade, is the caller's. */
    public void sendHead(String method, String path, Map<String, String> headers, int length) throws IOException {
        StringBuilder head = new StringBuilder(method + ' ' + path + " HTTP/1.1\r\nHost: docker\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (length > 0 || method.equals("POST") || method.equals("PUT")) {
            head.append("Content-Length: ").append(length).append("\r\n");
        }
        send(head.append("\r\n").toString());
    }

    /** Sends text as it stands. */
    public void send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    public void send(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /** Ends our side of the connection; the engine sees the end of its input. */
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** The bytes that come next. */
    public InputStream in() {
        return in;
    }

    /** Reads a status line and headers; the body is left where it is. */
    public Answer readHead() throws IOException {
        String status = readLine();
        Map<String, String> headers = new TreeMap<>();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        return new Answer(Integer.parseInt(status.split(" ", 3)[1]), headers, new byte[0]);
    }

    private byte[] readBody(Map<String, String> headers) throws IOException {
        if (headers.containsKey("content-length")) {
            return in.readNBytes(Integer.parseInt(headers.get("content-length")));
        }
        if (!headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
            return in.readAllBytes();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int length = chunkLength(); length > 0; length = chunkLength()) {
            body.write(in.readNBytes(length));
            readLine();
        }
        readLine();
        return body.toByteArray();
    }

    private int chunkLength() throws IOException {
        return Integer.parseInt(readLine().split(";", 2)[0], 16);
    }

    /** One line of a chunked stream's frame or of a head, without its end. */
    public String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the engine closed the connection after \"" + line.toString(StandardCharsets.UTF_8) + '"');
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
