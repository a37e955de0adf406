package io.berth.linux.keeper;

import io.berth.linux.kernel.Fd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes one message: numbers in little endian, texts and byte strings with their length before them, descriptors aside. */
final class MessageWriter {

    private final List<Fd> descriptors = new ArrayList<>();
    private final List<Fd> given = new ArrayList<>();
    private byte[] bytes = new byte[256];
    private int length = KeeperProtocol.HEAD;

    MessageWriter number(int value) {
        return bits(value, 4);
    }

    MessageWriter number(long value) {
        return bits(value, 8);
    }

    MessageWriter flag(boolean value) {
        return bits(value ? 1 : 0, 1);
    }

    MessageWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    MessageWriter bytes(byte[] value) {
        number(value.length);
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    /** Adds a descriptor; its place among the message's descriptors tells what it is. */
    MessageWriter descriptor(Fd fd) {
        descriptors.add(fd);
        return this;
    }

    /** Adds a descriptor that the sender closes once it is sent, or cannot be. */
    MessageWriter giveDescriptor(Fd fd) {
        given.add(fd);
        return descriptor(fd);
    }

    void closeGiven() {
        for (Fd fd : given) {
            fd.close();
        }
    }

    List<Fd> descriptors() {
        return descriptors;
    }

    /** The finished message with its head. */
    byte[] finish(int type, int id) {
        int end = length;
        length = 0;
        bits(end - KeeperProtocol.LENGTH, 4);
        bits(type, 2);
        bits(descriptors.size(), 2);
        bits(id, 4);
        length = end;
        return Arrays.copyOf(bytes, end);
    }

    private MessageWriter bits(long value, int count) {
        room(count);
        for (int i = 0; i < count; i++) {
            bytes[length++] = (byte) (value >>> 8 * i);
        }
        return this;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }
}
