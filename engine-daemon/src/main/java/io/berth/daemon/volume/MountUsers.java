package io.berth.daemon.volume;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes down for whom a volume is mounted, before it is: an empty file {@code EXEC-ROOT/volumes/NAME/USER}, and when it is mounted, where.
 * It dies with the machine, as mounts do. A daemon that starts finds here what the one before it may have left mounted.
 */
final class MountUsers {

    private final Kernel kernel;
    private final Path directory;

    MountUsers(Kernel kernel, Path execRoot) {
        this.kernel = kernel;
        this.directory = execRoot.resolve("volumes");
    }

    /** The users of all volumes, each with where it is mounted for them; empty when nobody knows whether it is. */
    Map<VolumeName, Map<String, String>> read() {
        Map<VolumeName, Map<String, String>> all = new TreeMap<>();
        for (Path volume : entries(directory)) {
            VolumeName.parse(volume.getFileName().toString()).ifPresent(name -> {
                for (Path user : entries(volume)) {
                    all.computeIfAbsent(name, absent -> new TreeMap<>()).put(user.getFileName().toString(), text(user));
                }
            });
        }
        return all;
    }

    private static Iterable<Path> entries(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException failure) {
            throw new UncheckedIOException("read the directory " + directory, failure);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("read " + file, failure);
        }
    }

    void intend(VolumeName volume, String user) {
        write(volume, user, "");
    }

    void mounted(VolumeName volume, String user, Path where) {
        write(volume, user, where.toString());
    }

    private void write(VolumeName volume, String user, String text) {
        Path file = directory.resolve(volume.text()).resolve(user);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException failure) {
            throw new UncheckedIOException("write down that volume " + volume + " is mounted, in " + file, failure);
        }
    }

    void forget(VolumeName volume, String user) {
        Path file = directory.resolve(volume.text()).resolve(user);
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("delete " + file, failure);
        }
    }

    void forget(VolumeName volume) {
        if (Files.exists(directory.resolve(volume.text()))) {
            try (Directory all = Directory.open(kernel, directory.toString())) {
                all.removeTree(FileName.of(volume.text()));
            }
        }
    }
}
