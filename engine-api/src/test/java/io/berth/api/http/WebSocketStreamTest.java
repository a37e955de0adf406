package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class WebSocketStreamTest {

    private final ByteArrayOutputStream client = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    @Test
    void theAnswerToAKeyIsThatOfTheStandard() {
        assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketStream.accept("dGhlIHNhbXBsZSBub25jZQ=="));
    }

    @Test
    void messagesOfAnyFormAreOneStreamOfInputAndPingsAreAnswered() throws IOException {
        frame(0x82, "Hel".getBytes(StandardCharsets.US_ASCII));
        frame(0x89, "ping".getBytes(StandardCharsets.US_ASCII));
        frame(0x01, "lo".getBytes(StandardCharsets.US_ASCII));
        frame(0x80, new byte[0]);
        frame(0x80, "x".repeat(300).getBytes(StandardCharsets.US_ASCII));
        frame(0x82, "y".repeat(70_000).getBytes(StandardCharsets.US_ASCII));
        frame(0x88, new byte[] {3, (byte) 0xe8});
        frame(0x82, "after the end".getBytes(StandardCharsets.US_ASCII));
        byte[] input = stream().input().readAllBytes();
        assertEquals("Hello" + "x".repeat(300) + "y".repeat(70_000), new String(input, StandardCharsets.US_ASCII));
        assertEquals("8a0470696e67" + "880203e8", HexFormat.of().formatHex(sent.toByteArray()));
    }

    @Test
    void eachWriteIsABinaryMessageWithTheShortestLength() throws IOException {
        WebSocketStream stream = stream();
        for (int length : new int[] {0, 125, 126, 65_535, 65_536}) {
            sent.reset();
            stream.output().write(new byte[length]);
            String head = switch (length) {
                case 0 -> "8200";
                case 125 -> "827d";
                case 126 -> "827e007e";
                case 65_535 -> "827effff";
                default -> "827f0000000000010000";
            };
            assertEquals(head, HexFormat.of().formatHex(sent.toByteArray(), 0, head.length() / 2));
            assertEquals(head.length() / 2 + length, sent.size());
        }
        sent.reset();
        stream.output().close();
        stream.output().write(1);
        assertArrayEquals(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8}, sent.toByteArray());
    }

    @Test
    void whatIsNoFrameOfAClientIsRefusedAsAnErrorOfTheProtocol() {
        client.writeBytes(new byte[] {(byte) 0x82, 1, 'x'});
        WebSocketStream unmasked = stream();
        assertThrows(IOException.class, () -> unmasked.input().read());
        unmasked.close();
        assertEquals("880203ea", HexFormat.of().formatHex(sent.toByteArray()));
        client.reset();
        client.writeBytes(new byte[] {(byte) 0x82, (byte) 0x85, 1, 2});
        assertThrows(IOException.class, () -> stream().input().read());
        client.reset();
        frame(0x83, new byte[0]);
        assertThrows(IOException.class, () -> stream().input().read());
    }

    private void frame(int first, byte[] payload) {
        client.write(first);
        if (payload.length < 126) {
            client.write(0x80 | payload.length);
        } else if (payload.length < 1 << 16) {
            client.writeBytes(new byte[] {(byte) 0xfe, (byte) (payload.length >> 8), (byte) payload.length});
        } else {
            client.writeBytes(new byte[] {(byte) 0xff, 0, 0, 0, 0, (byte) (payload.length >> 24), (byte) (payload.length >> 16),
                (byte) (payload.length >> 8), (byte) payload.length});
        }
        byte[] mask = {0x12, 0x34, 0x56, 0x78};
        client.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            client.write(payload[i] ^ mask[i & 3]);
        }
    }

    private WebSocketStream stream() {
        InputStream in = new ByteArrayInputStream(client.toByteArray());
        return new WebSocketStream(new HijackedStream() {
            @Override
            public InputStream input() {
                return in;
            }

            @Override
            public OutputStream output() {
                return sent;
            }

            @Override
            public SocketHandover handOver() {
                throw new UnsupportedOperationException();
            }

            @Override
            public HijackedStream passOn() {
                return this;
            }

            @Override
            public void close() {
            }
        });
    }
}
