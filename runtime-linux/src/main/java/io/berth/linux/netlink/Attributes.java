package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The attributes of an answer, in the order the kernel gave them (netlink(7): type, length, value, padded to four). */
final class Attributes {

    private static final int TYPE_MASK = 0x3fff;

    private record Entry(int type, byte[] value) {
    }

    private final List<Entry> entries = new ArrayList<>();

    /** Reads from {@code offset} to the end; a length that does not fit ends the reading. */
    Attributes(byte[] bytes, int offset) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int at = offset;
        while (at + 4 <= bytes.length) {
            int length = Short.toUnsignedInt(buffer.getShort(at));
            if (length < 4 || at + length > bytes.length) {
                return;
            }
            byte[] value = new byte[length - 4];
            buffer.get(at + 4, value);
            entries.add(new Entry(buffer.getShort(at + 2) & TYPE_MASK, value));
            at += (length + 3) & ~3;
        }
    }

    Optional<byte[]> bytes(int type) {
        return entries.stream().filter(entry -> entry.type() == type).map(Entry::value).findFirst();
    }

    /** A number in the machine's byte order. */
    Optional<Integer> number(int type) {
        return bytes(type).map(value -> ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt());
    }

    Optional<String> text(int type) {
        return bytes(type).map(value -> {
            int length = 0;
            while (length < value.length && value[length] != 0) {
                length++;
            }
            return new String(value, 0, length, StandardCharsets.UTF_8);
        });
    }

    Optional<Attributes> nested(int type) {
        return bytes(type).map(value -> new Attributes(value, 0));
    }

    /** All attributes of one type, each a nest: how the kernel writes lists. */
    List<Attributes> list(int type) {
        return entries.stream().filter(entry -> entry.type() == type).map(entry -> new Attributes(entry.value(), 0)).toList();
    }
}
