package io.berth.store.durable;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** {@link DurableFiles} on the disk. New files are readable by root alone. An interrupt breaks nothing off. */
public final class DiskFiles implements DurableFiles {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final ExecutorService syncs = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("disk-", 0).factory());

    @Override
    public OpenFile create(Path path) {
        return attempt("create", path,
                () -> new DiskFile(Files.createFile(path, PosixFilePermissions.asFileAttribute(OWNER_ONLY)), "rw"));
    }

    @Override
    public OpenFile open(Path path) {
        if (!exists(path)) {
            throw new UncheckedIOException(new NoSuchFileException("open " + path + ": no such file"));
        }
        return attempt("open", path, () -> new DiskFile(path, "rw"));
    }

    /** A file that is opened for writing is made when it is missing, and a blob that has just been removed would be back, empty. */
    @Override
    public Optional<OpenFile> find(Path path) {
        return attempt("open", path, () -> {
            try {
                return exists(path) ? Optional.of(new DiskFile(path, "r")) : Optional.empty();
            } catch (FileNotFoundException failure) {
                if (!exists(path)) {
                    return Optional.empty();
                }
                throw failure;
            }
        });
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
        force("sync directory", directory, () -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
            return directory;
        });
    }

    /**
     * Reads and writes go through RandomAccessFile, because an interrupt closes a FileChannel under everybody who uses it; and
     * syncs, for which there is only the channel, run on threads that nobody interrupts.
     */
    private final class DiskFile implements OpenFile {

        private final Path path;
        private final RandomAccessFile file;
        /** The file has one position. */
        private final ReentrantLock position = new ReentrantLock();

        private DiskFile(Path path, String mode) throws IOException {
            this.path = path;
            this.file = new RandomAccessFile(path.toFile(), mode);
        }

        @Override
        public void read(long from, ByteBuffer into) {
            at(from, "read", () -> {
                while (into.hasRemaining()) {
                    int count = file.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
                    if (count < 0) {
                        break;
                    }
                    into.position(into.position() + count);
                }
                return path;
            });
        }

        @Override
        public void write(long to, ByteBuffer content) {
            at(to, "write", () -> {
                file.write(content.array(), content.arrayOffset() + content.position(), content.remaining());
                content.position(content.limit());
                return path;
            });
        }

        private void at(long offset, String what, Step<Path> step) {
            position.lock();
            try {
                attempt(what, path, () -> {
                    file.seek(offset);
                    return step.run();
                });
            } finally {
                position.unlock();
            }
        }

        @Override
        public long size() {
            return attempt("stat", path, file::length);
        }

        /** fdatasync(2): also the size, but not the times. */
        @Override
        public void sync() {
            force("sync", path, () -> {
                file.getChannel().force(false);
                return path;
            });
        }

        @Override
        public void close() {
            attempt("close", path, () -> {
                file.close();
                return path;
            });
        }
    }

    /** Waits for it whatever happens: half a sync is none, and an interrupt can be heeded afterwards. */
    private void force(String what, Path path, Step<Path> step) {
        Future<Path> done = syncs.submit(() -> attempt(what, path, step));
        boolean interrupted = false;
        while (true) {
            try {
                done.get();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            } catch (ExecutionException failure) {
                throw failure.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failure);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
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
