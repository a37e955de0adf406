package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A connection that was switched from HTTP to a stream, read only when a test says so. */
final class RawStream implements AutoCloseable {

    private static final String UPGRADE = " HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: ";

    private final SocketChannel socket;
    private final DataInputStream in;

    private RawStream(SocketChannel socket) {
        this.socket = socket;
        in = new DataInputStream(Channels.newInputStream(socket));
    }

    /** Sends the request and reads the head of its answer, which has to hold what is expected. */
    static RawStream open(Path engine, String request, String... expected) throws IOException {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        socket.connect(UnixDomainSocketAddress.of(engine));
        RawStream stream = new RawStream(socket);
        stream.send(request);
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = stream.in.read();
            assertTrue(next >= 0, head::toString);
            head.append((char) next);
        }
        for (String part : expected) {
            assertTrue(head.indexOf(part) >= 0, head::toString);
        }
        return stream;
    }

    static RawStream attach(Path engine, String container, String query) throws IOException {
        return open(engine, "POST /v1.51/containers/" + container + "/attach?" + query + UPGRADE + "0\r\n\r\n", "HTTP/1.1 101 ");
    }

    static RawStream startExec(Path engine, String exec) throws IOException {
        return open(engine, "POST /v1.51/exec/" + exec + "/start" + UPGRADE + "2\r\n\r\n{}", "HTTP/1.1 101 ");
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) throws IOException {
        socket.write(ByteBuffer.wrap(bytes));
    }

    /** All payloads of frames to the end. */
    String rest() throws IOException {
        ByteArrayOutputStream payloads = new ByteArrayOutputStream();
        for (int stream; (stream = in.read()) >= 0; ) {
            assertTrue(stream == 1 || stream == 2, "no frame: " + stream);
            in.readNBytes(3);
            payloads.writeBytes(in.readNBytes(in.readInt()));
        }
        socket.close();
        return payloads.toString(StandardCharsets.UTF_8);
    }

    /** What binary WebSocket messages of up to 125 bytes hold, until the server says goodbye. */
    String messages() throws IOException {
        ByteArrayOutputStream payloads = new ByteArrayOutputStream();
        while (true) {
            int first = in.read();
            if (first < 0 || (first & 0x0f) == 8) {
                return payloads.toString(StandardCharsets.UTF_8);
            }
            assertEquals(0x82, first);
            payloads.writeBytes(in.readNBytes(in.read()));
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
