package io.berth.store.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    private static final Path PATH = Path.of("/data/containers.journal");

    @TempDir
    private Path directory;

    private final List<String> replayed = new ArrayList<>();

    private Journal open(DurableFiles files, Path path) {
        replayed.clear();
        return Journal.open(files, path, record -> replayed.add(new String(record, StandardCharsets.UTF_8)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void recordsComeBackInOrderFromTheDisk() {
        Path path = directory.resolve("new/j");
        try (Journal journal = open(new DiskFiles(), path)) {
            journal.append(bytes("one"));
            journal.appendDurably(bytes("two"));
        }
        try (Journal journal = open(new DiskFiles(), path)) {
            assertEquals(List.of("one", "two"), replayed);
            journal.append(bytes("x".repeat(1_000_000)));
        }
        open(new DiskFiles(), path).close();
        assertEquals(3, replayed.size());
        assertEquals(1_000_000, replayed.getLast().length());
    }

    @Test
    void compactingLeavesOnlyWhatIsAlive() {
        ForgetfulFiles files = new ForgetfulFiles();
        try (Journal journal = open(files, PATH)) {
            for (int i = 0; i < 100; i++) {
                journal.append(bytes("dead " + i));
            }
            long before = journal.size();
            journal.compact(List.of(bytes("alive")));
            assertTrue(journal.size() < before);
            journal.appendDurably(bytes("after"));
        }
        open(files.crash(1), PATH).close();
        assertEquals(List.of("alive", "after"), replayed);
    }

    @Test
    void damageInTheMiddleIsSkippedReportedAndKeptAside() throws IOException {
        Path path = directory.resolve("j");
        try (Journal journal = open(new DiskFiles(), path)) {
            journal.appendDurably(bytes("first"));
            journal.appendDurably(bytes("second"));
            journal.appendDurably(bytes("third"));
        }
        byte[] content = Files.readAllBytes(path);
        content[64 + 24 + 16] ^= 1;
        Files.write(path, content);
        try (Journal journal = open(new DiskFiles(), path)) {
            assertEquals(List.of("first", "third"), replayed);
            assertEquals(List.of("journal " + path + ": bytes 88 to 112 are damaged and were skipped"), journal.damage());
            assertTrue(Files.exists(directory.resolve("j.damaged")));
            journal.append(bytes("fourth"));
        }
        open(new DiskFiles(), path).close();
        assertEquals(List.of("first", "third", "fourth"), replayed);
    }

    @Test
    void aFileOfAnotherKindIsNotTouched() throws IOException {
        Path path = Files.writeString(directory.resolve("j"), "x".repeat(500));
        CorruptJournalException refused = assertThrows(CorruptJournalException.class, () -> open(new DiskFiles(), path));
        assertTrue(refused.getMessage().contains(path.toString()), refused.getMessage());
        assertEquals("x".repeat(500), Files.readString(path));
    }

    @Test
    void manyThreadsShareTheirSyncs() {
        CountingFiles files = new CountingFiles(directory.resolve("j"));
        try (Journal journal = open(files, directory.resolve("j"))) {
            files.syncs.set(0);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 200; i++) {
                    byte[] record = bytes("record " + i);
                    threads.submit(() -> journal.appendDurably(record));
                }
            }
        }
        open(new DiskFiles(), directory.resolve("j")).close();
        assertEquals(200, replayed.size());
        assertTrue(files.syncs.get() < 150, "syncs: " + files.syncs.get());
    }

    @Test
    void anInterruptedThreadLosesNeitherItsRecordNorTheJournal() {
        Path path = directory.resolve("j");
        try (Journal journal = open(new DiskFiles(), path)) {
            Thread.currentThread().interrupt();
            journal.appendDurably(bytes("interrupted"));
            journal.compact(List.of(bytes("compacted")));
            journal.append(bytes("undisturbed"));
            assertTrue(Thread.interrupted());
        }
        open(new DiskFiles(), path).close();
        assertEquals(List.of("compacted", "undisturbed"), replayed);
    }

    @Test
    void afterAFailedSyncNothingIsPromisedAnyMore() {
        ForgetfulFiles files = new ForgetfulFiles();
        Journal journal = open(files, PATH);
        files.failAfter(1);
        assertThrows(RuntimeException.class, () -> journal.appendDurably(bytes("lost")));
        files.failAfter(Long.MAX_VALUE);
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> journal.appendDurably(bytes("more")));
        assertTrue(refused.getMessage().contains("restart the daemon"), refused.getMessage());
    }

    /** Whatever the crash, what was promised is there, and what is there is a beginning of what was written. */
    @RepeatedTest(300)
    void everyCrashLeavesABeginningThatHoldsAllThatWasPromised(RepetitionInfo run) {
        long seed = 7919L * run.getCurrentRepetition();
        Random random = new Random(seed);
        ForgetfulFiles files = new ForgetfulFiles();
        open(files, PATH).close();
        List<String> written = new ArrayList<>();
        int promised = 0;
        for (int life = 0; life < 4; life++) {
            int before = written.size();
            try (Journal journal = open(files, PATH)) {
                files.failAfter(random.nextInt(60));
                for (int i = 0; i < 40; i++) {
                    String record = life + "." + i + "x".repeat(random.nextInt(200));
                    written.add(record);
                    if (random.nextInt(4) == 0) {
                        journal.appendDurably(bytes(record));
                        promised = written.size();
                    } else if (random.nextInt(12) == 0) {
                        journal.append(bytes(record));
                        journal.compact(written.stream().map(JournalTest::bytes).toList());
                        promised = written.size();
                    } else {
                        journal.append(bytes(record));
                    }
                }
            } catch (ForgetfulFiles.PowerCut cut) {
                assertTrue(written.size() > before);
            }
            files = files.crash(random.nextLong());
            try (Journal journal = open(files, PATH)) {
                assertEquals(List.of(), journal.damage(), "seed " + seed);
            }
            assertTrue(replayed.size() >= promised, "seed " + seed + ": " + replayed.size() + " of " + promised);
            assertEquals(written.subList(0, replayed.size()), replayed, "seed " + seed);
            written = new ArrayList<>(replayed);
            promised = written.size();
        }
    }

    /** Counts the syncs of one file and makes each take as long as a real disk does. */
    private static final class CountingFiles implements DurableFiles {

        private final DiskFiles disk = new DiskFiles();
        private final Path counted;
        private final AtomicInteger syncs = new AtomicInteger();

        private CountingFiles(Path counted) {
            this.counted = counted;
        }

        @Override
        public OpenFile create(Path path) {
            return counting(disk.create(path));
        }

        @Override
        public OpenFile open(Path path) {
            return path.equals(counted) ? counting(disk.open(path)) : disk.open(path);
        }

        @Override
        public Optional<OpenFile> find(Path path) {
            return disk.find(path);
        }

        private OpenFile counting(OpenFile file) {
            return new OpenFile() {
                @Override
                public void read(long position, ByteBuffer into) {
                    file.read(position, into);
                }

                @Override
                public void write(long position, ByteBuffer content) {
                    file.write(position, content);
                }

                @Override
                public long size() {
                    return file.size();
                }

                @Override
                public void sync() {
                    syncs.incrementAndGet();
                    file.sync();
                }

                @Override
                public void close() {
                    file.close();
                }
            };
        }

        @Override
        public boolean exists(Path path) {
            return disk.exists(path);
        }

        @Override
        public void rename(Path from, Path to) {
            disk.rename(from, to);
        }

        @Override
        public void delete(Path path) {
            disk.delete(path);
        }

        @Override
        public List<String> list(Path path) {
            return disk.list(path);
        }

        @Override
        public void makeDirectories(Path path) {
            disk.makeDirectories(path);
        }

        @Override
        public void syncDirectory(Path path) {
            disk.syncDirectory(path);
        }
    }
}
