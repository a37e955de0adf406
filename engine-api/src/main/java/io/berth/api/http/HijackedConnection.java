package io.berth.api.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/** The raw stream of a connection. */
final class HijackedConnection implements HijackedStream {
    private final Connection connection;
    private final Inbound input;
    private final Outbound outbound;
    private final OutputStream output = new Output();
    private volatile boolean handedOver;

    HijackedConnection(Connection connection, Inbound input, Outbound outbound) {
        this.connection = connection;
        this.input = input;
        this.outbound = outbound;
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public SocketHandover handOver() throws IOException {
        if (handedOver) {
            throw new IllegalStateException("the connection was handed over already");
        }
        SocketHandover handover = connection.release();
        handedOver = true;
        return handover;
    }

    @Override
    public HijackedStream passOn() {
        handedOver = true;
        return new HijackedConnection(connection, input, outbound);
    }

    @Override
    public void close() {
        if (!handedOver) {
            connection.closeRaw();
        }
    }

    private final class Output extends OutputStream {
        private volatile boolean closed;

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            if (closed || handedOver) {
                throw new IOException("write to a stream that was closed or handed over");
            }
            for (int at = 0; at < length; at += Outbound.PIECE) {
                int count = Math.min(Outbound.PIECE, length - at);
                ByteBuf piece = outbound.buffer(count);
                outbound.write(piece.writeBytes(bytes, offset + at, count));
            }
        }

        @Override
        public void close() {
            if (!closed && !handedOver) {
                closed = true;
                connection.closeOutput();
            }
        }
    }
}
