package io.berth.api.container;

import io.berth.api.wire.StreamType;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Output of a container on its way to a client: in frames of eight bytes' header and a payload, or as bare bytes when the container
 * has a terminal. Each call is sent at once and blocks while the client is slow.
 */
public final class FrameSink {
    private static final int HEADER = 8;

    private final OutputStream out;
    private final boolean framed;

    public FrameSink(OutputStream out, boolean framed) {
        this.out = out;
        this.framed = framed;
    }

    public void write(StreamType type, byte[] bytes) throws IOException {
        write(type, bytes, 0, bytes.length);
    }

    public void write(StreamType type, byte[] bytes, int offset, int length) throws IOException {
        if (!framed) {
            out.write(bytes, offset, length);
            return;
        }
        byte[] frame = new byte[HEADER + length];
        frame[0] = (byte) type.ordinal();
        frame[4] = (byte) (length >>> 24);
        frame[5] = (byte) (length >>> 16);
        frame[6] = (byte) (length >>> 8);
        frame[7] = (byte) length;
        System.arraycopy(bytes, offset, frame, HEADER, length);
        out.write(frame);
    }
}
