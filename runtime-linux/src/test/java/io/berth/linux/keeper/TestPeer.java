package io.berth.linux.keeper;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** The client's end of an attached socket. */
final class TestPeer {

    private final FileCalls files;
    private final Fd socket;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final NativeBuffer buffer = NativeBuffer.allocate(64 * 1024);

    TestPeer(Kernel kernel, Fd socket) {
        this.files = new FileCalls(kernel);
        this.socket = socket;
    }

    void send(String text) {
        files.write(socket, text);
    }

    /** Reads until what has come satisfies the condition. */
    String await(Predicate<String> enough) {
        while (!enough.test(received.toString(StandardCharsets.ISO_8859_1))) {
            readSome();
        }
        return received.toString(StandardCharsets.ISO_8859_1);
    }

    /** Reads until so many bytes have come; heads of frames are bytes, too. */
    void awaitBytes(int count) {
        while (received.size() < count) {
            readSome();
        }
    }

    private void readSome() {
        if (!read()) {
            throw new AssertionError("the socket ended after " + received);
        }
    }

    /** Reads to the end; all that has come. */
    byte[] awaitEnd() {
        while (read()) {
            // collected
        }
        return received.toByteArray();
    }

    private boolean read() {
        int length = files.read(socket, buffer, 0, buffer.size());
        received.writeBytes(buffer.copy(0, length));
        return length > 0;
    }

    /** The content of a stream's frames. */
    static String unframed(byte[] frames, int stream) {
        ByteBuffer in = ByteBuffer.wrap(frames);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        while (in.hasRemaining()) {
            int type = in.get();
            in.get();
            in.getShort();
            byte[] data = new byte[in.getInt()];
            in.get(data);
            if (type == stream) {
                content.writeBytes(data);
            }
        }
        return content.toString(StandardCharsets.ISO_8859_1);
    }
}
