package io.berth.store.durable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The port through which everything is written that must survive a power cut. It promises exactly what Linux promises and no
 * more: content lasts once {@link OpenFile#sync} has returned, a name once {@link #syncDirectory} of its directory has; a
 * rename takes place as a whole or not at all. Until then a crash may keep, lose, zero or tear anything. A double in the tests
 * does just that.
 *
 * <p>The paths are the daemon's own, in plain ASCII; what an image or a container names never comes here. Failures are
 * {@link java.io.UncheckedIOException}s that name the file.
 */
public interface DurableFiles {

    /** A new, empty file. Fails when the name is taken. */
    OpenFile create(Path path);

    /** An existing file, for reading and writing. */
    OpenFile open(Path path);

    boolean exists(Path path);

    /** Replaces {@code to} if it exists. */
    void rename(Path from, Path to);

    /** Does nothing when there is no such file. */
    void delete(Path path);

    /** The names in a directory, sorted; none when it does not exist. */
    List<String> list(Path directory);

    /** Makes a directory and its missing parents; each new name is synced. */
    void makeDirectories(Path directory);

    /** Makes the names in a directory durable. */
    void syncDirectory(Path directory);

    /** An existing file, for reading alone; nothing when there is none, also when it is removed this moment. */
    Optional<OpenFile> find(Path path);

    /** The whole of a small file, or nothing when there is none. */
    default Optional<byte[]> read(Path path) {
        Optional<OpenFile> found = find(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(0, content);
            return Optional.of(content.flip().remaining() == content.capacity() ? content.array()
                    : Arrays.copyOf(content.array(), content.limit()));
        }
    }

    /**
     * Puts {@code content} under a name so that after a crash the file is either as before or complete: written under a
     * temporary name, synced, renamed, its directory synced.
     */
    default void replace(Path path, byte[] content) {
        Path temporary = path.resolveSibling(path.getFileName() + ".new");
        delete(temporary);
        try (OpenFile file = create(temporary)) {
            file.write(0, ByteBuffer.wrap(content));
            file.sync();
        }
        rename(temporary, path);
        syncDirectory(path.getParent());
    }

    /** An open file; its operations may be called from several threads. Buffers have an array. */
    interface OpenFile extends AutoCloseable {

        /** Fills the buffer from {@code position} on, as far as the file goes. */
        void read(long position, ByteBuffer into);

        /** Writes all of the buffer. */
        void write(long position, ByteBuffer content);

        long size();

        /** Makes content and size durable. Writing may go on meanwhile; what it covers then is open. */
        void sync();

        @Override
        void close();
    }
}
