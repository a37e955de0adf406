package io.berth.api.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The body of a response of unknown length: in chunks, or bare and ended by the connection's end for HTTP/1.0. */
final class StreamedBody extends OutputStream {
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Outbound outbound;
    private final boolean chunked;
    private final boolean silent;
    private final Runnable afterLast;
    private boolean closed;

    /**
     * @param silent the request was HEAD: nothing is sent
     * @param afterLast runs once, when the stream is closed
     */
    StreamedBody(Outbound outbound, boolean chunked, boolean silent, Runnable afterLast) {
        this.outbound = outbound;
        this.chunked = chunked;
        this.silent = silent;
        this.afterLast = afterLast;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (closed) {
            throw new IOException("write to a response that is complete already");
        }
        for (int at = 0; at < length && !silent; at += Outbound.PIECE) {
            outbound.write(piece(bytes, offset + at, Math.min(Outbound.PIECE, length - at)));
        }
    }

    private ByteBuf piece(byte[] bytes, int offset, int length) {
        ByteBuf piece = outbound.buffer(length + 16);
        if (!chunked) {
            return piece.writeBytes(bytes, offset, length);
        }
        piece.writeCharSequence(Integer.toHexString(length), StandardCharsets.US_ASCII);
        return piece.writeBytes(LINE_END).writeBytes(bytes, offset, length).writeBytes(LINE_END);
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (chunked && !silent) {
                outbound.write(outbound.buffer(LAST_CHUNK.length).writeBytes(LAST_CHUNK));
            }
        } finally {
            afterLast.run();
        }
    }
}
