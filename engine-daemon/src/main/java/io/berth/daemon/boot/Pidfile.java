package io.berth.daemon.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The file that tells service scripts which process the daemon is. */
final class Pidfile implements AutoCloseable {

    private final Path file;

    private Pidfile(Path file) {
        this.file = file;
    }

    /** Writes our process id, unless a berthd that still runs has written its own; what a dead one left is replaced. */
    static Pidfile write(Path file) {
        try {
            long other = read(file);
            if (other > 0 && other != ProcessHandle.current().pid() && isDaemon(other)) {
                throw new SettingsException("process " + other + " is still running: stop that berthd, or choose another --pidfile than " + file);
            }
            Files.createDirectories(file.getParent());
            Files.writeString(file, Long.toString(ProcessHandle.current().pid()));
            return new Pidfile(file);
        } catch (IOException failure) {
            throw new SettingsException("cannot write the pidfile " + file + ": " + failure);
        }
    }

    /** The process id in the file; 0 when there is none, or something else stands in it. */
    private static long read(Path file) throws IOException {
        try {
            String text = Files.readString(file).strip();
            return text.matches("[0-9]{1,9}") ? Long.parseLong(text) : 0;
        } catch (NoSuchFileException none) {
            return 0;
        }
    }

    /** A process id is soon given to somebody else: only one that runs this very class counts. */
    private static boolean isDaemon(long pid) throws IOException {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).contains(Berthd.class.getName());
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
