package io.berth.api.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bytes inside a WebSocket (RFC 6455): whatever messages the client sends are one stream of input, and each write is a
 * binary message of its own. A close frame is the end of the input; pings are answered by whoever reads.
 */
final class WebSocketStream implements HijackedStream {

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    // section 5.2: the first byte's FIN and opcode, the second one's mask bit and length
    private static final int FIN = 0x80;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int MASKED = 0x80;
    private static final int LENGTH_IN_TWO = 126;
    private static final int LENGTH_IN_EIGHT = 127;
    private static final int LONGEST_CONTROL = 125;
    // section 7.4.1
    private static final int NORMAL_CLOSURE = 1000;
    private static final int PROTOCOL_ERROR = 1002;

    private final HijackedStream raw;
    private final ReentrantLock sending = new ReentrantLock();
    private boolean closeSent;

    WebSocketStream(HijackedStream raw) {
        this.raw = raw;
    }

    /** What a server answers to a client's {@code Sec-WebSocket-Key} (section 4.2.2). */
    static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-1", impossible);
        }
    }

    @Override
    public boolean isWebSocket() {
        return true;
    }

    @Override
    public InputStream input() {
        return new Input();
    }

    @Override
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                send(BINARY, bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                sendClose(NORMAL_CLOSURE);
            }
        };
    }

    /** Never: the messages have to be taken apart here. */
    @Override
    public SocketHandover handOver() {
        throw new IllegalStateException("a WebSocket cannot be handed over");
    }

    @Override
    public HijackedStream passOn() {
        return new WebSocketStream(raw.passOn());
    }

    @Override
    public void close() {
        try {
            sendClose(NORMAL_CLOSURE);
        } catch (IOException clientGone) {
            // then it needs no farewell
        }
        raw.close();
    }

    private void sendClose(int reason) throws IOException {
        sending.lock();
        try {
            if (!closeSent) {
                send(CLOSE, new byte[] {(byte) (reason >> 8), (byte) reason}, 0, 2);
                closeSent = true;
            }
        } finally {
            sending.unlock();
        }
    }

    private void send(int opcode, byte[] bytes, int offset, int length) throws IOException {
        int head = length < LENGTH_IN_TWO ? 2 : length < 1 << 16 ? 4 : 10;
        byte[] frame = new byte[head + length];
        frame[0] = (byte) (FIN | opcode);
        frame[1] = (byte) (head == 2 ? length : head == 4 ? LENGTH_IN_TWO : LENGTH_IN_EIGHT);
        for (int i = head - 1, rest = length; head > 2 && i >= 2; i--, rest >>>= 8) {
            frame[i] = (byte) rest;
        }
        System.arraycopy(bytes, offset, frame, head, length);
        sending.lock();
        try {
            if (!closeSent) {
                raw.output().write(frame);
            }
        } finally {
            sending.unlock();
        }
    }

    /** Takes frames apart. For one reader. */
    private final class Input extends InputStream {

        private final InputStream in = raw.input();
        private final byte[] mask = new byte[4];
        private long left;
        private int maskAt;
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            while (left == 0 && !ended) {
                ended = !nextData();
            }
            if (ended) {
                return -1;
            }
            int count = in.read(to, offset, (int) Math.min(length, left));
            if (count < 0) {
                ended = true;
                return -1;
            }
            left -= count;
            unmask(to, offset, count);
            return count;
        }

        private void unmask(byte[] bytes, int offset, int count) {
            for (int i = offset; i < offset + count; i++) {
                bytes[i] ^= mask[maskAt++ & 3];
            }
        }

        /** Goes to the next frame that holds data; false at the end of the input. */
        private boolean nextData() throws IOException {
            int first = in.read();
            if (first < 0) {
                return false;
            }
            int second = need();
            long size = size(second & 0x7f);
            if ((second & MASKED) == 0) {
                throw refused("a WebSocket frame of a client must be masked");
            }
            for (int i = 0; i < mask.length; i++) {
                mask[i] = (byte) need();
            }
            maskAt = 0;
            switch (first & 0x0f) {
                case CONTINUATION, TEXT, BINARY -> left = size;
                case CLOSE -> {
                    control(size);
                    sendClose(NORMAL_CLOSURE);
                    return false;
                }
                case PING -> {
                    byte[] payload = control(size);
                    send(PONG, payload, 0, payload.length);
                }
                case PONG -> control(size);
                default -> throw refused("unknown WebSocket opcode " + (first & 0x0f));
            }
            return true;
        }

        private long size(int length) throws IOException {
            if (length < LENGTH_IN_TWO) {
                return length;
            }
            long size = 0;
            for (int bytes = length == LENGTH_IN_TWO ? 2 : 8; bytes > 0; bytes--) {
                size = size << 8 | need();
            }
            if (size < 0) {
                throw refused("a WebSocket frame longer than 2^63 bytes");
            }
            return size;
        }

        private byte[] control(long size) throws IOException {
            if (size > LONGEST_CONTROL) {
                throw refused("a WebSocket control frame of " + size + " bytes");
            }
            byte[] payload = in.readNBytes((int) size);
            unmask(payload, 0, payload.length);
            return payload;
        }

        /** The client is told before the connection ends. */
        private IOException refused(String why) throws IOException {
            sendClose(PROTOCOL_ERROR);
            return new IOException(why);
        }

        private int need() throws IOException {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the client closed the connection in the middle of a WebSocket frame");
            }
            return next;
        }
    }
}
