package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes netlink messages one behind the other (netlink(7)): a header in the machine's byte order, a fixed structure,
 * then attributes, everything padded to four bytes. Each message has a purpose in words, for the error that names it.
 */
final class Messages {

    // linux/netlink.h
    static final int NLM_F_REQUEST = 0x1;
    static final int NLM_F_ACK = 0x4;
    static final int NLM_F_DUMP = 0x300;
    static final int NLM_F_REPLACE = 0x100;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;
    static final int NLM_F_APPEND = 0x800;
    static final int NLA_F_NESTED = 0x8000;
    static final int HEADER = 16;
    private static final int FLAGS_AT = 6;
    private static final int SEQUENCE_AT = 8;

    private record Start(int offset, String purpose) {
    }

    private final List<Start> starts = new ArrayList<>();
    private ByteBuffer buffer = ByteBuffer.allocate(1024).order(ByteOrder.nativeOrder());

    /** Begins a message; what is put afterwards belongs to it. NLM_F_REQUEST is added. */
    Messages begin(String purpose, int type, int flags) {
        finish();
        starts.add(new Start(buffer.position(), purpose));
        return put32(0).put16(type).put16(flags | NLM_F_REQUEST).put32(0).put32(0);
    }

    Messages put8(int value) {
        room(1).put((byte) value);
        return this;
    }

    Messages put16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    Messages put32(int value) {
        room(4).putInt(value);
        return this;
    }

    Messages attribute(int type, byte[] value) {
        put16(4 + value.length).put16(type);
        room(value.length).put(value);
        return pad();
    }

    Messages attribute8(int type, int value) {
        return attribute(type, new byte[] {(byte) value});
    }

    Messages attribute16(int type, int value) {
        put16(6).put16(type).put16(value);
        return pad();
    }

    /** A number in the machine's byte order, as rtnetlink has them. */
    Messages attribute32(int type, int value) {
        return put16(8).put16(type).put32(value);
    }

    /** A number in network byte order, as nfnetlink has them. */
    Messages attributeBig32(int type, int value) {
        return attribute(type, big32(value));
    }

    /** A NUL-terminated string. */
    Messages text(int type, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return attribute(type, Arrays.copyOf(bytes, bytes.length + 1));
    }

    /** An attribute whose content is what {@code content} writes. */
    Messages nest(int type, Consumer<Messages> content) {
        int start = buffer.position();
        put16(0).put16(type | NLA_F_NESTED);
        content.accept(this);
        buffer.putShort(start, (short) (buffer.position() - start));
        return this;
    }

    /** Asks for an acknowledgement of the message begun last. */
    Messages acknowledgeLast() {
        int at = starts.getLast().offset() + FLAGS_AT;
        buffer.putShort(at, (short) (buffer.getShort(at) | NLM_F_ACK));
        return this;
    }

    int count() {
        return starts.size();
    }

    String purpose(int index) {
        return starts.get(index).purpose();
    }

    /** Whether the kernel will end its answer to this message, by an acknowledgement or by the end of a dump. */
    boolean expectsEnd(int index) {
        int flags = buffer.getShort(starts.get(index).offset() + FLAGS_AT);
        return (flags & NLM_F_ACK) != 0 || (flags & NLM_F_DUMP) == NLM_F_DUMP && (flags & NLM_F_CREATE) == 0;
    }

    /** The bytes, the messages numbered from {@code firstSequence} on. */
    byte[] bytes(int firstSequence) {
        finish();
        for (int i = 0; i < starts.size(); i++) {
            buffer.putInt(starts.get(i).offset() + SEQUENCE_AT, firstSequence + i);
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    static byte[] big32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    static byte[] big16(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    private void finish() {
        if (!starts.isEmpty()) {
            pad();
            int start = starts.getLast().offset();
            buffer.putInt(start, buffer.position() - start);
        }
    }

    private Messages pad() {
        while (buffer.position() % 4 != 0) {
            put8(0);
        }
        return this;
    }

    private ByteBuffer room(int size) {
        if (buffer.remaining() < size) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(2 * buffer.capacity(), buffer.position() + size));
            buffer = larger.order(ByteOrder.nativeOrder()).put(buffer.flip());
        }
        return buffer;
    }
}
