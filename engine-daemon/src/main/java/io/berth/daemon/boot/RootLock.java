package io.berth.daemon.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The right to use a data root: one daemon at a time. The kernel takes the lock back when its holder dies, however it
 * dies, so there is never a stale one; the process id in the file is for the message alone.
 */
final class RootLock implements AutoCloseable {

    /** Somebody else has it. */
    static final class TakenException extends SettingsException {
        private TakenException(String message) {
            super(message);
        }
    }

    private final FileChannel channel;

    private RootLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Makes the data root when it is not there (mode 0710, as its layers keep files with every owner and mode) and locks it. */
    static RootLock take(Path dataRoot) {
        Path file = dataRoot.resolve("berthd.lock");
        try {
            if (!Files.isDirectory(dataRoot)) {
                Files.createDirectories(dataRoot);
                Files.setPosixFilePermissions(dataRoot, PosixFilePermissions.fromString("rwx--x---"));
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!lock(channel)) {
                String holder = read(channel);
                channel.close();
                throw new TakenException("another berthd is using " + dataRoot + (holder.isEmpty() ? "" : " (process " + holder + ")")
                        + ": stop it or choose another --data-root");
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)), 0);
            return new RootLock(channel);
        } catch (IOException failure) {
            throw new SettingsException("cannot use the data root " + dataRoot + ": " + failure);
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        int length = channel.read(text, 0);
        return length <= 0 ? "" : new String(text.array(), 0, length, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
