package io.berth.linux.file;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A path inside some root, as bytes without NUL. Whether it begins with a slash does not matter: it always starts at that
 * root. It may hold {@code .} and {@code ..}; what they mean is for the kernel to say, because only the kernel knows which of
 * its directories are symbolic links.
 */
public final class BytePath {

    public static final BytePath ROOT = new BytePath(new byte[] {'/'});

    private final byte[] bytes;

    private BytePath(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws InvalidPathException when it is empty or has a NUL byte */
    public static BytePath of(byte[] bytes) {
        if (bytes.length == 0) {
            throw new InvalidPathException(bytes, "it is empty");
        }
        for (byte b : bytes) {
            if (b == 0) {
                throw new InvalidPathException(bytes, "a path has no NUL byte");
            }
        }
        return new BytePath(bytes);
    }

    public static BytePath of(String path) {
        return of(path.getBytes(StandardCharsets.UTF_8));
    }

    /** From the root down; the root itself when there are no names. */
    public static BytePath of(List<FileName> names) {
        return ofParts(names.stream().map(FileName::bytes).toList());
    }

    /** The path itself, not a copy: not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** Whether a process would start at its root, not at its working directory, to resolve this. */
    public boolean isAbsolute() {
        return bytes[0] == '/';
    }

    /** This path with {@code more} below it. */
    public BytePath resolve(byte[] more) {
        byte[] joined = Arrays.copyOf(bytes, bytes.length + 1 + more.length);
        joined[bytes.length] = '/';
        System.arraycopy(more, 0, joined, bytes.length + 1, more.length);
        return of(joined);
    }

    /**
     * The names of this path with {@code .} dropped and each {@code ..} taking away the name before it, as by people who do
     * not think of symbolic links. Empty for the root.
     *
     * @throws InvalidPathException when a {@code ..} climbs above the root
     */
    public List<FileName> names() {
        List<FileName> names = new ArrayList<>();
        for (byte[] part : parts()) {
            if (!FileName.isDots(part)) {
                names.add(FileName.of(part));
            } else if (part.length == 2) {
                if (names.isEmpty()) {
                    throw new InvalidPathException(bytes, "it leads out of its root");
                }
                names.removeLast();
            }
        }
        return names;
    }

    /** What stands between the slashes, {@code .} and {@code ..} included, empty parts left out. */
    List<byte[]> parts() {
        List<byte[]> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '/') {
                if (i > start) {
                    parts.add(Arrays.copyOfRange(bytes, start, i));
                }
                start = i + 1;
            }
        }
        return parts;
    }

    /** Parts put together again; the root when there are none. */
    static BytePath ofParts(List<byte[]> parts) {
        if (parts.isEmpty()) {
            return ROOT;
        }
        byte[] joined = new byte[parts.stream().mapToInt(part -> part.length + 1).sum()];
        int at = 0;
        for (byte[] part : parts) {
            joined[at] = '/';
            System.arraycopy(part, 0, joined, at + 1, part.length);
            at += part.length + 1;
        }
        return new BytePath(joined);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BytePath path && Arrays.equals(bytes, path.bytes);
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
