package io.berth.daemon;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A disk whose power can be cut as often as one likes: an ext4 in a file that lies on a file system with reflinks. A snapshot of
 * the file is what the disk holds at one moment, with everything that was only in memory lost; mounting it replays ext4's journal, as
 * after a power cut. Closing unmounts and detaches everything.
 */
final class LoopDisks implements AutoCloseable {

    private static final long HOST_SIZE = 6L << 30;
    private static final long DISK_SIZE = 1L << 30;
    private static final Duration BUSY = Duration.ofSeconds(10);

    private final Path host;
    private final Path disk;
    /** What has to be undone, the last first. */
    private final Deque<List<String>> undo = new ArrayDeque<>();
    private int snapshots;

    /** Why this machine cannot do it; empty when it can. */
    static Optional<String> missing() {
        if (!Files.exists(Path.of("/dev/loop-control"))) {
            return Optional.of("the kernel has no loop devices");
        }
        if (!hasFileSystem("ext4")) {
            return Optional.of("the kernel has no ext4");
        }
        return hostKind().isPresent() ? Optional.empty() : Optional.of("neither btrfs nor xfs is in the kernel with its mkfs (Debian: btrfs-progs, xfsprogs)");
    }

    private static Optional<String> hostKind() {
        return List.of("btrfs", "xfs").stream().filter(kind -> hasFileSystem(kind)
                && Commands.run("sh", "-c", "command -v mkfs." + kind).code() == 0).findFirst();
    }

    private static boolean hasFileSystem(String kind) {
        try {
            return Files.readString(Path.of("/proc/filesystems")).lines().anyMatch(line -> line.strip().replace("nodev", "").strip().equals(kind))
                    || Commands.run("modprobe", kind).code() == 0;
        } catch (IOException | UncheckedIOException failure) {
            return false;
        }
    }

    /** Makes both below {@code directory}. */
    LoopDisks(Path directory) {
        host = directory.resolve("host");
        disk = host.resolve("disk");
        try {
            Path file = directory.resolve("host.file");
            make(file, HOST_SIZE);
            String kind = hostKind().orElseThrow();
            Commands.run("mkfs." + kind, "-q", file.toString()).succeeded();
            mount(file, kind, host);
            make(disk, DISK_SIZE);
            Commands.run("mke2fs", "-q", "-F", "-t", "ext4", disk.toString()).succeeded();
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private static void make(Path file, long size) {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Mounts the disk itself. */
    void mountDisk(Path where) {
        mount(disk, "ext4", where);
    }

    private void mount(Path file, String kind, Path where) {
        String device = Commands.run("losetup", "--find", "--show", file.toString()).succeeded().strip();
        undo.push(List.of("losetup", "--detach", device));
        try {
            Files.createDirectories(where);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Commands.run("mount", "-t", kind, device, where.toString()).succeeded();
        undo.push(List.of("umount", where.toString()));
    }

    /** The disk's content now, in one step; a file. */
    Path snapshot() {
        Path file = host.resolve("snapshot-" + snapshots++);
        Commands.run("cp", "--reflink=always", disk.toString(), file.toString()).succeeded();
        return file;
    }

    /** What is done with a snapshot that is mounted. */
    interface Use {
        void of(Path mounted) throws Exception;
    }

    /** Mounts a snapshot, and takes it away again; it is then what the use has made of it. */
    void with(Path snapshot, Path where, Use use) throws Exception {
        int before = undo.size();
        try {
            mount(snapshot, "ext4", where);
            use.of(where);
        } finally {
            undoUntil(before);
        }
    }

    private void undoUntil(int left) {
        while (undo.size() > left) {
            undo(undo.peek());
            undo.pop();
        }
    }

    /** A process that this JVM starts meanwhile has, until it becomes another program, all files open that this has. */
    private static void undo(List<String> command) {
        Commands.Result[] last = new Commands.Result[1];
        Await.until(String.join(" ", command), BUSY, () -> {
            last[0] = Commands.run(command.toArray(String[]::new));
            return last[0].code() == 0;
        }, () -> last[0].toString());
    }

    /** Undoes all of it, whatever fails. */
    @Override
    public void close() {
        AssertionError left = null;
        while (!undo.isEmpty()) {
            try {
                undo(undo.peek());
            } catch (AssertionError failure) {
                left = failure;
            }
            undo.pop();
        }
        if (left != null) {
            throw left;
        }
    }
}
