package io.berth.api.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A client that writes and reads bytes, so that tests see exactly what is on the wire. */
public final class RawClient implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10).flip();

    public RawClient(Endpoint endpoint) throws IOException {
        channel = switch (endpoint) {
            case Endpoint.Unix unix -> SocketChannel.open(UnixDomainSocketAddress.of(unix.path()));
            case Endpoint.Tcp tcp -> SocketChannel.open(new InetSocketAddress(tcp.host(), tcp.port()));
        };
        if (endpoint instanceof Endpoint.Tcp) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    public RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
        return this;
    }

    public RawClient closeOutput() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    /** The next byte, or -1 at the end. */
    public int read() throws IOException {
        if (!buffer.hasRemaining()) {
            buffer.clear();
            int count = channel.read(buffer);
            buffer.flip();
            if (count < 0) {
                return -1;
            }
        }
        return buffer.get() & 0xff;
    }

    public byte[] readExactly(int count) throws IOException {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            int next = read();
            if (next < 0) {
                throw new EOFException("the server closed after " + i + " of " + count + " bytes");
            }
            bytes[i] = (byte) next;
        }
        return bytes;
    }

    public byte[] readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int next = read(); next >= 0; next = read()) {
            all.write(next);
        }
        return all.toByteArray();
    }

    public String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = read(); next != '\n'; next = read()) {
            if (next < 0) {
                throw new EOFException("the server closed in the middle of the line: " + line);
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    public Response readHead() throws IOException {
        String status = readLine();
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(": ");
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
        }
        return new Response(status, headers, "");
    }

    public Response readResponse() throws IOException {
        return withBody(readHead());
    }

    public Response withBody(Response head) throws IOException {
        if ("chunked".equals(head.header("transfer-encoding"))) {
            StringBuilder body = new StringBuilder();
            for (String chunk = readChunk(); !chunk.isEmpty(); chunk = readChunk()) {
                body.append(chunk);
            }
            return new Response(head.statusLine(), head.headers(), body.toString());
        }
        byte[] body = head.headers().containsKey("content-length")
                ? readExactly(Integer.parseInt(head.header("content-length"))) : new byte[0];
        return new Response(head.statusLine(), head.headers(), new String(body, StandardCharsets.UTF_8));
    }

    /** One chunk of a chunked body; the last one is empty. */
    public String readChunk() throws IOException {
        int length = Integer.parseInt(readLine(), 16);
        String chunk = new String(readExactly(length), StandardCharsets.UTF_8);
        if (!readLine().isEmpty()) {
            throw new IOException("no line end after a chunk");
        }
        return chunk;
    }

    public Response get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: d\r\n\r\n").readResponse();
    }

    public Response post(String path, String json) throws IOException {
        return send("POST " + path + " HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json).readResponse();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** A response; header names are in lower case. */
    public record Response(String statusLine, Map<String, String> headers, String body) {
        public int status() {
            return Integer.parseInt(statusLine.split(" ")[1]);
        }

        public String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }
}
