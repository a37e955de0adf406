package io.berth.store.durable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** {@link DurableFiles} on the disk. New files are readable by root alone. */
public final class DiskFiles implements DurableFiles {

    @Override
    public OpenFile create(Path path) {
        return attempt("create", path, () -> new DiskFile(path, FileChannel.open(path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))));
    }

    @Override
    public OpenFile open(Path path) {
        return attempt("open", path,
                () -> new DiskFile(path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)));
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public void rename(Path from, Path to) {
        attempt("rename to " + to, from, () -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
    }

    @Override
    public void delete(Path path) {
        attempt("delete", path, () -> Files.deleteIfExists(path));
    }

    @Override
    public List<String> list(Path directory) {
        return attempt("list", directory, () -> {
            try (Stream<Path> entries = Files.list(directory)) {
                return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
            } catch (NoSuchFileException | NotDirectoryException absent) {
                return List.of();
            }
        });
    }

    @Override
    public void makeDirectories(Path directory) {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        makeDirectories(parent);
        attempt("make directory", directory, () -> Files.createDirectories(directory));
        syncDirectory(parent);
    }

    /** A directory opened for reading can be synced (fsync(2)); the JDK allows to open one so on Linux. */
    @Override
    public void syncDirectory(Path directory) {
        attempt("sync directory", directory, () -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
            return directory;
        });
    }

    private record DiskFile(Path path, FileChannel channel) implements OpenFile {

        @Override
        public void read(long position, ByteBuffer into) {
            attempt("read", path, () -> {
                long at = position;
                while (into.hasRemaining()) {
                    int count = channel.read(into, at);
                    if (count < 0) {
                        break;
                    }
                    at += count;
                }
                return at;
            });
        }

        @Override
        public void write(long position, ByteBuffer content) {
            attempt("write", path, () -> {
                long at = position;
                while (content.hasRemaining()) {
                    at += channel.write(content, at);
                }
                return at;
            });
        }

        @Override
        public long size() {
            return attempt("stat", path, channel::size);
        }

        /** fdatasync(2): also the size, but not the times. */
        @Override
        public void sync() {
            attempt("sync", path, () -> {
                channel.force(false);
                return path;
            });
        }

        @Override
        public void close() {
            attempt("close", path, () -> {
                channel.close();
                return path;
            });
        }
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private static <T> T attempt(String what, Path path, Step<T> step) {
        try {
            return step.run();
        } catch (IOException failure) {
            throw new UncheckedIOException(what + ' ' + path + ": " + failure.getMessage(), failure);
        }
    }
}
