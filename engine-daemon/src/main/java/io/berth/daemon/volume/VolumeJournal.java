package io.berth.daemon.volume;

import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.Journal;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Where volumes are written down; what it says and what the daemon knows change together. */
final class VolumeJournal implements AutoCloseable {

    private static final long COMPACT_ABOVE = 1 << 20;

    private final Journal journal;
    /** Shared by those who add or take a volume, in the journal and in memory; exclusive while the journal is compacted. */
    private final ReadWriteLock membership = new ReentrantReadWriteLock();
    private volatile long compactedSize;

    /** Reads all records, in their order. */
    VolumeJournal(DurableFiles files, Path file, Consumer<VolumeRecord> reader) {
        journal = Journal.open(files, file, record -> reader.accept(VolumeRecord.read(record)));
        compactedSize = journal.size();
    }

    /** @param memory what the daemon knows from then on; done when the record is durable */
    void write(VolumeRecord record, Runnable memory) {
        membership.readLock().lock();
        try {
            journal.appendDurably(record.bytes());
            memory.run();
        } finally {
            membership.readLock().unlock();
        }
    }

    /** @param volumes all that there are */
    void compactIfWorthIt(Supplier<List<Volume>> volumes) {
        if (journal.size() < COMPACT_ABOVE + 2 * compactedSize) {
            return;
        }
        membership.writeLock().lock();
        try {
            journal.compact(() -> volumes.get().stream().map(volume -> VolumeRecord.of(volume).bytes()).iterator());
            compactedSize = journal.size();
        } finally {
            membership.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        journal.close();
    }
}
