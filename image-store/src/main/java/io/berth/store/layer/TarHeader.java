package io.berth.store.layer;

import io.berth.store.content.StoreException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One block of 512 bytes that begins a member (tar(5), POSIX pax, GNU tar's manual): fields by offset and length.
 */
final class TarHeader {

    static final int BLOCK = 512;
    private static final int CHECKSUM_AT = 148;
    private static final int CHECKSUM_LENGTH = 8;

    private final byte[] block;

    private TarHeader(byte[] block) {
        this.block = block;
    }

    /** @throws StoreException invalid, when the checksum is wrong: this is no tar, or it is damaged */
    static TarHeader of(byte[] block) {
        TarHeader header = new TarHeader(block);
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            boolean inChecksum = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_LENGTH;
            unsigned += inChecksum ? ' ' : block[i] & 0xff;
            signed += inChecksum ? ' ' : block[i];
        }
        long stated = header.number(CHECKSUM_AT, CHECKSUM_LENGTH);
        if (stated != unsigned && stated != signed) {
            throw StoreException.invalid("archive/tar: invalid tar header");
        }
        return header;
    }

    static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    byte kind() {
        return block[156];
    }

    /** The name with the prefix that POSIX puts into a field of its own; GNU tar uses that field otherwise. */
    byte[] path() {
        byte[] name = text(0, 100);
        byte[] prefix = isPosix() ? text(345, 155) : new byte[0];
        if (prefix.length == 0) {
            return name;
        }
        byte[] path = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        path[prefix.length] = '/';
        System.arraycopy(name, 0, path, prefix.length + 1, name.length);
        return path;
    }

    byte[] linkPath() {
        return text(157, 100);
    }

    int permissions() {
        return (int) number(100, 8) & 07777;
    }

    long uid() {
        return number(108, 8);
    }

    long gid() {
        return number(116, 8);
    }

    long size() {
        return number(124, 12);
    }

    long modifiedSeconds() {
        return number(136, 12);
    }

    int deviceMajor() {
        return (int) number(329, 8);
    }

    int deviceMinor() {
        return (int) number(337, 8);
    }

    /** Of an old GNU sparse file: its size with the holes. */
    long realSize() {
        return number(483, 12);
    }

    /** The segments in this header; {@link #hasMoreSegments} tells of blocks that follow with more. */
    List<TarEntry.Segment> segments() {
        return segments(386, 4);
    }

    boolean hasMoreSegments() {
        return block[482] != 0;
    }

    /** The segments in a block that continues a header. */
    static List<TarEntry.Segment> moreSegments(byte[] block) {
        return new TarHeader(block).segments(0, 21);
    }

    static boolean hasMoreSegments(byte[] block) {
        return block[504] != 0;
    }

    private List<TarEntry.Segment> segments(int at, int count) {
        List<TarEntry.Segment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long length = number(at + 24 * i + 12, 12);
            if (length == 0 && block[at + 24 * i] == 0) {
                break;
            }
            segments.add(new TarEntry.Segment(number(at + 24 * i, 12), length));
        }
        return segments;
    }

    private boolean isPosix() {
        return block[257] == 'u' && block[258] == 's' && block[259] == 't' && block[260] == 'a' && block[261] == 'r'
                && block[262] == 0;
    }

    private byte[] text(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, at, end);
    }

    /** Octal digits between blanks and NULs, or, when the first bit is set, a big-endian number of two's complement (GNU). */
    private long number(int at, int length) {
        if ((block[at] & 0x80) != 0) {
            return new BigInteger(base256(at, length)).longValueExact();
        }
        long value = 0;
        boolean digits = false;
        for (int i = at; i < at + length; i++) {
            byte b = block[i];
            if (b >= '0' && b <= '7') {
                value = value << 3 | b - '0';
                digits = true;
            } else if (b != ' ' && b != 0) {
                throw StoreException.invalid("archive/tar: invalid tar header");
            } else if (digits) {
                break;
            }
        }
        return value;
    }

    /** The bit that marks the encoding is not part of the number; the next one is its sign. */
    private byte[] base256(int at, int length) {
        byte[] number = Arrays.copyOfRange(block, at, at + length);
        if ((number[0] & 0x40) == 0) {
            number[0] &= 0x7f;
        }
        return number;
    }
}
