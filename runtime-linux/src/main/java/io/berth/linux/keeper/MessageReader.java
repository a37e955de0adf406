package io.berth.linux.keeper;

import io.berth.linux.kernel.Fd;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads one message, in the order it was written. The descriptors that nobody takes are closed with it. Whatever does not
 * fit the format is an {@link IllegalArgumentException}.
 */
final class MessageReader {

    private final byte[] bytes;
    private final List<Fd> descriptors;
    private int at;

    MessageReader(byte[] body, List<Fd> descriptors) {
        this.bytes = body;
        this.descriptors = descriptors;
    }

    int number() {
        return (int) bits(4);
    }

    long longNumber() {
        return bits(8);
    }

    boolean flag() {
        return bits(1) != 0;
    }

    String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        int length = number();
        need(length);
        byte[] value = new byte[length];
        System.arraycopy(bytes, at, value, 0, length);
        at += length;
        return value;
    }

    boolean hasMore() {
        return at < bytes.length;
    }

    /** The descriptors that came with the message, still open. Whoever keeps one takes it out of the list. */
    List<Fd> descriptors() {
        return descriptors;
    }

    /** The next descriptor, now the caller's. */
    Fd takeDescriptor() {
        if (descriptors.isEmpty()) {
            throw new IllegalArgumentException("the message came with too few descriptors");
        }
        return descriptors.removeFirst();
    }

    void closeDescriptors() {
        for (Fd fd : descriptors) {
            fd.close();
        }
        descriptors.clear();
    }

    private long bits(int count) {
        need(count);
        long value = 0;
        for (int i = 0; i < count; i++) {
            value |= (bytes[at++] & 0xffL) << 8 * i;
        }
        return value;
    }

    private void need(int count) {
        if (count < 0 || count > bytes.length - at) {
            throw new IllegalArgumentException("the message ends before its content does");
        }
    }
}
