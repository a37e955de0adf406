package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The exits that nobody has released yet, in a file of the exec root: docs/formats/exits.md. The keeper appends to it before
 * it announces an exit; whoever comes after a keeper that was killed reads it. Written without fsync: its processes do not
 * outlive the machine either. For one thread.
 */
public final class ExitJournal implements AutoCloseable {

    /** {@code BERTHEXI}. */
    private static final long MAGIC = 0x4958_4548_5452_4542L;
    private static final int VERSION = 1;
    private static final int FILE_HEAD = 24;
    private static final int RECORD_HEAD = 40;
    private static final int EXIT = 1;
    private static final int RELEASED = 2;
    /** A file this large, and mostly of released exits, is written anew. */
    private static final long WORTH_COMPACTING = 1 << 20;
    private static final int SEEK_END = 2;

    private final Kernel kernel;
    private final FileCalls files;
    private final String path;
    /** By key, in the order of their sequence. */
    private final Map<String, Exit> unreleased = new LinkedHashMap<>();
    private long lastSequence;
    private Fd file;
    private long size;
    private long liveBytes;

    /** Opens the journal, or begins one. A torn end is cut off. */
    public ExitJournal(Kernel kernel, String path) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        this.path = path;
        this.file = files.open(path, FileCalls.O_RDWR | FileCalls.O_CREAT | FileCalls.O_APPEND, 0600);
        size = load();
        if (size == 0) {
            rewrite();
        } else {
            kernel.call(SystemCall.FTRUNCATE, file, of(size));
        }
    }

    /** The unreleased exits in the journal of a keeper that is gone, in order; none when there is no journal. */
    public static List<Exit> read(Kernel kernel, String path) {
        try (ExitJournal journal = new ExitJournal(kernel, path, new FileCalls(kernel).open(path, FileCalls.O_RDONLY, 0))) {
            journal.load();
            return journal.since(0);
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.ENOENT) {
                return List.of();
            }
            throw failure;
        }
    }

    private ExitJournal(Kernel kernel, String path, Fd file) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        this.path = path;
        this.file = file;
    }

    public long lastSequence() {
        return lastSequence;
    }

    /** Records an exit. When the file cannot be written the exit is kept in memory all the same. */
    Exit append(String key, long generation, int status, long timeNanos) {
        Exit exit = new Exit(lastSequence + 1, key, generation, status, timeNanos);
        remember(exit);
        write(record(EXIT, exit));
        return exit;
    }

    /** Forgets an exit of this generation, if there is one. */
    void release(String key, long generation) {
        Exit exit = unreleased.get(key);
        if (exit == null || exit.generation() != generation) {
            return;
        }
        forget(exit);
        if (size > WORTH_COMPACTING && size > 4 * liveBytes) {
            rewrite();
        } else {
            write(record(RELEASED, exit));
        }
    }

    /** The unreleased exits above a sequence number, in order. */
    List<Exit> since(long sequence) {
        List<Exit> exits = new ArrayList<>();
        for (Exit exit : unreleased.values()) {
            if (exit.sequence() > sequence) {
                exits.add(exit);
            }
        }
        return exits;
    }

    @Override
    public void close() {
        file.close();
    }

    private void remember(Exit exit) {
        Exit former = unreleased.get(exit.key());
        if (former != null) {
            forget(former);
        }
        unreleased.put(exit.key(), exit);
        liveBytes += length(exit);
        lastSequence = Math.max(lastSequence, exit.sequence());
    }

    private void forget(Exit exit) {
        unreleased.remove(exit.key());
        liveBytes -= length(exit);
    }

    private static int length(Exit exit) {
        return RECORD_HEAD + exit.key().getBytes(StandardCharsets.UTF_8).length;
    }

    private void write(NativeBuffer bytes) {
        long written = kernel.attempt(SystemCall.WRITE, file, bytes, of(bytes.size()));
        if (written == bytes.size()) {
            size += written;
        } else {
            System.err.println("keeper: write " + bytes.size() + " bytes to " + path + ": " + written + "; exits are kept in memory only");
            kernel.attempt(SystemCall.FTRUNCATE, file, of(size));
        }
    }

    private void rewrite() {
        String fresh = path + ".new";
        Fd former = file;
        file = files.open(fresh, FileCalls.O_RDWR | FileCalls.O_CREAT | FileCalls.O_TRUNC | FileCalls.O_APPEND, 0600);
        size = 0;
        NativeBuffer head = NativeBuffer.allocate(FILE_HEAD);
        head.bytes().putLong(0, MAGIC).putInt(8, VERSION).putLong(16, lastSequence);
        write(head);
        for (Exit exit : unreleased.values()) {
            write(record(EXIT, exit));
        }
        kernel.call(SystemCall.RENAMEAT2, of(FileCalls.AT_FDCWD), of(fresh), of(FileCalls.AT_FDCWD), of(path), of(0));
        former.close();
    }

    private static NativeBuffer record(int type, Exit exit) {
        byte[] key = exit.key().getBytes(StandardCharsets.UTF_8);
        NativeBuffer record = NativeBuffer.allocate(RECORD_HEAD + key.length);
        ByteBuffer bytes = record.bytes();
        bytes.putShort(4, (short) type).putShort(6, (short) key.length);
        bytes.putLong(8, exit.sequence()).putLong(16, exit.generation()).putLong(24, exit.timeNanos());
        bytes.putInt(32, exit.status());
        bytes.put(RECORD_HEAD, key);
        bytes.putInt(0, crc(bytes, 0, record.size()));
        return record;
    }

    private static int crc(ByteBuffer bytes, int start, int end) {
        CRC32 crc = new CRC32();
        crc.update(bytes.duplicate().position(start + 4).limit(end));
        return (int) crc.getValue();
    }

    /** Takes in what the file says; where its sound records end, 0 when it is no journal. */
    private long load() {
        int length = (int) kernel.call(SystemCall.LSEEK, file, of(0), of(SEEK_END));
        NativeBuffer content = NativeBuffer.allocate(Math.max(length, 1));
        if (length < FILE_HEAD || kernel.retry(SystemCall.PREAD64, file, content, of(length), of(0)) != length
                || content.bytes().getLong(0) != MAGIC || content.bytes().getInt(8) != VERSION) {
            return 0;
        }
        ByteBuffer bytes = content.bytes();
        lastSequence = bytes.getLong(16);
        int at = FILE_HEAD;
        while (length - at >= RECORD_HEAD) {
            int end = at + RECORD_HEAD + Short.toUnsignedInt(bytes.getShort(at + 6));
            if (end > length || bytes.getInt(at) != crc(bytes, at, end)) {
                break;
            }
            String key = new String(content.copy(at + RECORD_HEAD, end - at - RECORD_HEAD), StandardCharsets.UTF_8);
            Exit exit = new Exit(bytes.getLong(at + 8), key, bytes.getLong(at + 16), bytes.getInt(at + 32), bytes.getLong(at + 24));
            if (bytes.getShort(at + 4) == EXIT) {
                remember(exit);
            } else if (bytes.getShort(at + 4) == RELEASED && exit.equals(unreleased.get(key))) {
                forget(exit);
            }
            at = end;
        }
        return at;
    }
}
