package io.berth.linux.file;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of one directory entry: bytes, because Linux knows no characters in names. Never empty, never {@code .} or
 * {@code ..}, never with a slash or a NUL, so a name can neither climb out of its directory nor reach below it.
 */
public final class FileName {

    private final byte[] bytes;

    private FileName(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws InvalidPathException when the bytes are no name */
    public static FileName of(byte[] bytes) {
        if (bytes.length == 0 || isDots(bytes)) {
            throw new InvalidPathException(bytes, "it does not name a directory entry");
        }
        for (byte b : bytes) {
            if (b == '/' || b == 0) {
                throw new InvalidPathException(bytes, "a name has neither a slash nor a NUL byte");
            }
        }
        return new FileName(bytes);
    }

    public static FileName of(String name) {
        return of(name.getBytes(StandardCharsets.UTF_8));
    }

    /** The name itself, not a copy: not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    public boolean startsWith(String ascii) {
        byte[] prefix = ascii.getBytes(StandardCharsets.US_ASCII);
        return bytes.length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** The name without its first {@code count} bytes. */
    public FileName withoutFirst(int count) {
        return of(Arrays.copyOfRange(bytes, count, bytes.length));
    }

    static boolean isDots(byte[] name) {
        return name.length == 1 && name[0] == '.' || name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileName name && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** For people to read; bytes that are not UTF-8 are replaced. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
