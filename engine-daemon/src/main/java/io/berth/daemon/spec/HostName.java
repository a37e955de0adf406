package io.berth.daemon.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The host's own name. */
public final class HostName {

    private HostName() {
    }

    public static String read() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read the host's name", failure);
        }
    }
}
