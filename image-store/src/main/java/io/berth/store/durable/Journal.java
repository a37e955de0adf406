package io.berth.store.durable;

import io.berth.store.durable.DurableFiles.OpenFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * An append-only file of records, for configuration and intents: what a daemon must know again after a crash, in the order it
 * happened. The owner replays it into memory at start, appends on every change and now and then compacts it to what is alive.
 *
 * <p><b>What a crash leaves.</b> A record appended durably is there after any crash. Records appended otherwise survive the
 * death of the process; a power cut takes some of the last ones, and never one from before a record that it leaves. A torn tail
 * is cut off at the next open. Damage further up, in what was durable once, is skipped and reported by {@link #damage}; the
 * file as it was is then kept beside, named {@code .damaged}.
 *
 * <p><b>Cost.</b> The file is written ahead with zeros, so that making a record durable is one fdatasync(2) that changes no
 * metadata; threads that wait at the same time share one.
 *
 * <p>Thread-safe. The format is in docs/formats/journal.md.
 */
public final class Journal implements AutoCloseable {

    /** So many zeros are written ahead at a time. */
    private static final int AHEAD = 256 * 1024;

    private final DurableFiles files;
    private final Path path;
    /** Of the file as it is: a new one has none. */
    private volatile List<String> damage;

    /** Orders the appends; held while a record is copied to the page cache, never while the disk is waited for. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition syncEnded = lock.newCondition();
    private OpenFile file;
    private long generation;
    private long end;
    private long allocated;
    private long syncedEnd;
    private long appended;
    private long durable;
    private boolean syncing;
    /** Set once the disk failed us: what it holds is unknown from then on, so nothing more is promised. */
    private RuntimeException failure;

    private Journal(DurableFiles files, Path path, OpenFile file, JournalReplay replay) {
        this.files = files;
        this.path = path;
        this.file = file;
        this.generation = replay.generation();
        this.end = replay.end();
        this.syncedEnd = replay.promised();
        this.allocated = Math.max(file.size(), end);
        this.damage = replay.damage();
    }

    /**
     * Opens a journal, a new one when there is none, and hands every record to {@code replayer} in order.
     *
     * @throws CorruptJournalException when the file is none of ours
     */
    public static Journal open(DurableFiles files, Path path, Consumer<byte[]> replayer) {
        Path unfinished = unfinished(path);
        files.delete(unfinished);
        if (!files.exists(path)) {
            files.makeDirectories(path.getParent());
            write(files, unfinished, newGeneration(), List.of()).file().close();
            files.rename(unfinished, path);
            files.syncDirectory(path.getParent());
        }
        byte[] content = files.read(path).orElseThrow();
        JournalReplay replay = JournalReplay.of(path, content);
        if (!replay.damage().isEmpty()) {
            files.replace(path.resolveSibling(path.getFileName() + ".damaged"), content);
        }
        OpenFile file = files.open(path);
        if (replay.leavesGarbage()) {
            file.write(replay.end(), ByteBuffer.allocate(content.length - replay.end()));
            file.sync();
        }
        replay.records().forEach(replayer);
        return new Journal(files, path, file, replay);
    }

    /**
     * What {@link #damage} would tell after opening the file, which is only read: also one that somebody else has open.
     *
     * @throws CorruptJournalException when the file is none of ours
     */
    public static List<String> inspect(DurableFiles files, Path path) {
        return files.read(path).map(content -> JournalReplay.of(path, content).damage()).orElse(List.of());
    }

    /** What was lost from the middle of the file, one sentence each; normally nothing, and after {@link #compact} nothing. */
    public List<String> damage() {
        return damage;
    }

    /** Bytes of records so far, dead ones included; to decide when compacting is worth it. */
    public long size() {
        lock.lock();
        try {
            return end - JournalFormat.HEADER_SIZE;
        } finally {
            lock.unlock();
        }
    }

    /** Returns when the record is in the kernel's hands: it survives the daemon, but not a power cut. */
    public void append(byte[] payload) {
        lock.lock();
        try {
            write(payload);
        } finally {
            lock.unlock();
        }
    }

    /** Returns when the record, and with it all earlier ones, is on the disk. */
    public void appendDurably(byte[] payload) {
        lock.lock();
        try {
            write(payload);
            makeDurable(appended);
        } finally {
            lock.unlock();
        }
    }

    /** Makes everything appended so far durable. */
    public void sync() {
        lock.lock();
        try {
            makeDurable(appended);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Replaces the whole content by {@code live}, durably; a crash leaves the old or the new file. The caller sees to it that
     * nobody appends between the state that {@code live} shows and this call; appends during it wait.
     */
    public void compact(Iterable<byte[]> live) {
        lock.lock();
        try {
            refuseAfterFailure();
            while (syncing) {
                syncEnded.awaitUninterruptibly();
            }
            Path unfinished = unfinished(path);
            files.delete(unfinished);
            long next = newGeneration();
            Written written = write(files, unfinished, next, live);
            files.rename(unfinished, path);
            OpenFile old = file;
            file = written.file();
            generation = next;
            end = written.end();
            syncedEnd = end;
            allocated = file.size();
            old.close();
            syncName();
            durable = appended;
            damage = List.of();
        } finally {
            lock.unlock();
        }
    }

    private void syncName() {
        try {
            files.syncDirectory(path.getParent());
        } catch (RuntimeException failed) {
            failure = failed;
            throw failed;
        }
    }

    private void write(byte[] payload) {
        if (payload.length == 0 || payload.length > JournalFormat.LARGEST_PAYLOAD) {
            throw new IllegalArgumentException("a record has 1 to " + JournalFormat.LARGEST_PAYLOAD + " bytes, not "
                    + payload.length);
        }
        refuseAfterFailure();
        long next = end + JournalFormat.sizeOf(payload.length);
        if (next > allocated) {
            file.write(allocated, ByteBuffer.allocate(Math.toIntExact(next + AHEAD - allocated)));
            allocated = next + AHEAD;
        }
        file.write(end, JournalFormat.record(generation, end, syncedEnd, payload));
        end = next;
        appended++;
    }

    /** The first to come syncs for all who have appended by then; the others wait, and one of them goes next. */
    private void makeDurable(long record) {
        while (durable < record) {
            refuseAfterFailure();
            if (syncing) {
                syncEnded.awaitUninterruptibly();
                continue;
            }
            long coveredRecord = appended;
            long coveredEnd = end;
            syncing = true;
            lock.unlock();
            RuntimeException failed = sync(file);
            lock.lock();
            syncing = false;
            syncEnded.signalAll();
            if (failed == null) {
                durable = coveredRecord;
                syncedEnd = coveredEnd;
            } else {
                failure = failed;
                throw failed;
            }
        }
    }

    private static RuntimeException sync(OpenFile file) {
        try {
            file.sync();
            return null;
        } catch (RuntimeException failed) {
            return failed;
        }
    }

    /** After a failed fsync(2) Linux may have dropped the pages, and a second one would falsely succeed. */
    private void refuseAfterFailure() {
        if (failure != null) {
            throw new IllegalStateException("journal " + path + " could not be written to the disk earlier; "
                    + "mend the disk and restart the daemon", failure);
        }
    }

    private record Written(OpenFile file, long end) {}

    private static Written write(DurableFiles files, Path path, long generation, Iterable<byte[]> records) {
        OpenFile file = files.create(path);
        ByteBuffer header = JournalFormat.little(JournalFormat.HEADER_SIZE).put(JournalFormat.MAGIC).putLong(generation).rewind();
        file.write(0, header);
        long end = JournalFormat.HEADER_SIZE;
        for (byte[] record : records) {
            file.write(end, JournalFormat.record(generation, end, 0, record));
            end += JournalFormat.sizeOf(record.length);
        }
        file.write(end, ByteBuffer.allocate(AHEAD));
        file.sync();
        return new Written(file, end);
    }

    private static Path unfinished(Path path) {
        return path.resolveSibling(path.getFileName() + ".new");
    }

    private static long newGeneration() {
        return ThreadLocalRandom.current().nextLong();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            while (syncing) {
                syncEnded.awaitUninterruptibly();
            }
            file.close();
        } finally {
            lock.unlock();
        }
    }
}
