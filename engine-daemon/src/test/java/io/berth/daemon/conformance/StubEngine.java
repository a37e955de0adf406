package io.berth.daemon.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.daemon.conformance.Answer.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A server that answers the requests of one recording, one after the other, with values made up to the recorded shapes, and
 * with a fault when one is planted.
 */
final class StubEngine implements AutoCloseable {

    /** An answer as it goes out. */
    record Wire(int status, Map<String, String> headers, byte[] body) {
    }

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int END_OF_HEAD = 0x0d0a0d0a;
    private static final List<String> STREAMS = List.of("stdin", "stdout", "stderr");

    private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    private final Path socket;
    private final List<Wire> answers;
    private final AtomicInteger next = new AtomicInteger();

    StubEngine(Path socket, List<Wire> answers) throws IOException {
        this.socket = socket;
        Files.deleteIfExists(socket);
        server.bind(UnixDomainSocketAddress.of(socket));
        this.answers = answers;
        Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                Wire answer = answers.get(next.getAndIncrement());
                Thread.ofVirtual().start(() -> answer(client, answer));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private static void answer(SocketChannel client, Wire answer) {
        try (client; InputStream request = Channels.newInputStream(client)) {
            skipHead(request);
            StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " Whatever\r\n");
            answer.headers().forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
            client.write(ByteBuffer.wrap(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8)));
            client.write(ByteBuffer.wrap(answer.body()));
            client.shutdownOutput();
            request.skip(Long.MAX_VALUE); // its body; a connection closed on unread bytes is reset
        } catch (IOException gone) {
            // it has what it wanted
        }
    }

    private static void skipHead(InputStream in) throws IOException {
        for (int last = 0, b = in.read(); b >= 0; b = in.read()) {
            last = last << 8 | b;
            if (last == END_OF_HEAD) {
                return;
            }
        }
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    /** An answer that has all that was recorded. */
    static Wire wire(Answer recorded) {
        Map<String, String> headers = new TreeMap<>(recorded.headers());
        headers.computeIfPresent("x-docker-container-path-stat", (name, stat) -> Base64.getEncoder().encodeToString(
                "{\"name\":\"%s\",\"size\":1,\"mode\":1,\"mtime\":\"2026-01-01T00:00:00Z\",\"linkTarget\":\"\"}"
                        .formatted(stat.substring(0, stat.indexOf(" -> "))).getBytes(StandardCharsets.UTF_8)));
        byte[] body = body(recorded.body());
        if (headers.containsKey("transfer-encoding")) {
            return new Wire(recorded.status(), headers, chunked(body));
        }
        if (recorded.status() != 101) {
            headers.put("content-length", Integer.toString(body.length));
        }
        return new Wire(recorded.status(), headers, body);
    }

    static byte[] chunked(byte[] body) {
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        chunks.writeBytes((Integer.toHexString(body.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
        chunks.writeBytes(body);
        chunks.writeBytes("\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        return chunks.toByteArray();
    }

    private static byte[] body(Body body) {
        return switch (body) {
            case Body.Nothing() -> new byte[0];
            case Body.Json(JsonNode shape) -> (value(shape) + "\n").getBytes(StandardCharsets.UTF_8);
            case Body.Streams(Map<String, String> text) -> frames(text);
            case Body.Raw(String text) -> text.getBytes(StandardCharsets.UTF_8);
            case Body.Tar(List<String> entries) -> tar(entries);
            case Body.Broken(String why) -> throw new IllegalStateException(why);
        };
    }

    /** A value of that shape. */
    static JsonNode value(JsonNode shape) {
        if (shape.isArray()) {
            ArrayNode array = JSON.arrayNode();
            shape.valueStream().map(StubEngine::value).forEach(array::add);
            return array;
        }
        if (shape.isObject()) {
            ObjectNode object = JSON.objectNode();
            shape.propertyStream().forEach(field -> object.set(Shape.bare(field.getKey()), value(field.getValue())));
            return object;
        }
        return switch (shape.asText().replaceFirst(".*\\|", "")) {
            case "string" -> JSON.textNode("x");
            case "time" -> JSON.textNode("2026-01-01T00:00:00.5Z");
            case "integer" -> JSON.numberNode(1);
            case "fraction" -> JSON.numberNode(1.5);
            case "boolean" -> JSON.booleanNode(true);
            default -> JSON.nullNode();
        };
    }

    private static byte[] frames(Map<String, String> text) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        text.forEach((stream, content) -> {
            byte[] payload = content.getBytes(StandardCharsets.UTF_8);
            frames.writeBytes(ByteBuffer.allocate(8).putInt(STREAMS.indexOf(stream) << 24).putInt(payload.length).array());
            frames.writeBytes(payload);
        });
        return frames.toByteArray();
    }

    private static byte[] tar(List<String> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (String entry : entries) {
                String[] words = entry.split(" ", 3);
                TarArchiveEntry header = new TarArchiveEntry(words[2]);
                header.setMode(Integer.parseInt(words[1], 8) | 0100000);
                tar.putArchiveEntry(header);
                tar.closeArchiveEntry();
            }
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }
}
