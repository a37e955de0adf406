package io.berth.linux.file;

import java.nio.charset.StandardCharsets;

/** Bytes that cannot be the name or path they were meant to be. */
public final class InvalidPathException extends RuntimeException {

    InvalidPathException(byte[] path, String why) {
        super("invalid path \"" + new String(path, StandardCharsets.UTF_8).replace('\0', '?') + "\": " + why);
    }
}
