package io.berth.linux.keeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every form of a log keeps, against a model of the reference engine's line splitting, with random chunks. */
@Timeout(60)
abstract class LogContract {

    final Kernel kernel = new JnrKernel();
    final ChunkBuffer buffer = new ChunkBuffer();
    final Model model = new Model();
    final List<String> losses = new ArrayList<>();
    @TempDir
    Path directory;
    LogWriter log;
    long time;

    abstract LogOptions options(long segmentBytes, int segments);

    abstract LogReader reader();

    @BeforeEach
    void openLog() {
        log = open(options(LogOptions.DEFAULT_SEGMENT_BYTES, LogOptions.DEFAULT_SEGMENTS));
    }

    final LogWriter open(LogOptions options) {
        return LogWriter.of(kernel, options, (chunks, bytes, why) -> losses.add(chunks + " " + bytes + " " + (why.isEmpty() ? "over" : "why")));
    }

    @Test
    void linesOfRandomChunksAreThoseOfTheModel() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = start(seed);
            appendRandom(random, 1 + random.nextInt(80));
            finishProcess();
            assertSame("seed " + seed, model.lines, read(LogQuery.all()));
        }
    }

    @Test
    void everyTailIsTheEndOfTheModel() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = start(seed);
            appendRandom(random, 1 + random.nextInt(60));
            finishProcess();
            for (int i = 0; i < 12; i++) {
                int tail = 1 + random.nextInt(model.lines.size() + 2);
                List<LogLine> expected = model.lines.subList(Math.max(0, model.lines.size() - tail), model.lines.size());
                List<LogLine> actual = read(LogQuery.all().withTail(tail));
                assertEquals(bytesOf(expected), bytesOf(actual), "seed " + seed + ", tail " + tail);
            }
            assertEquals(List.of(), read(LogQuery.all().withTail(0)));
        }
    }

    @Test
    void theTailOfALogThatGrowsWhileItIsReadEnds() {
        Random random = start(1);
        appendRandom(random, 40);
        finishProcess();
        int tail = Math.min(5, model.lines.size());
        List<LogLine> expected = List.copyOf(model.lines.subList(model.lines.size() - tail, model.lines.size()));
        List<LogLine> actual = new ArrayList<>();
        reader().read(LogQuery.all().withTail(tail), line -> {
            actual.add(line);
            appendRandom(random, 3);
        });
        assertEquals(bytesOf(expected), bytesOf(actual));
    }

    @Test
    void sinceAndUntilChooseByTheTimeOfALinesEnd() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = start(seed);
            appendRandom(random, 1 + random.nextInt(60));
            finishProcess();
            long since = random.nextLong(time + 10);
            long until = since + random.nextLong(time + 10);
            List<LogLine> expected = new ArrayList<>();
            for (LogLine line : model.lines) {
                if (line.timeNanos() > until) {
                    break;
                }
                if (line.timeNanos() >= since) {
                    expected.add(line);
                }
            }
            assertSame("seed " + seed, expected, read(LogQuery.all().between(since, until)));
        }
    }

    @Test
    void aFollowerGetsEveryLineOnceWhileTheLogIsWrittenAndRotated() throws Exception {
        try (LogWatches watches = new LogWatches(kernel)) {
            for (long seed = 1; seed <= 10; seed++) {
                Random random = start(seed);
                log.options(options(100_000, 1000));
                appendRandom(random, 10);
                LogWatch watch = watches.watch(directory.toString());
                List<LogLine> followed = new ArrayList<>();
                CompletableFuture<Void> follower = new CompletableFuture<>();
                Thread.ofVirtual().start(() -> {
                    reader().follow(LogQuery.all(), watch, followed::add);
                    follower.complete(null);
                });
                appendRandom(random, 60);
                finishProcess();
                watch.end();
                follower.get(20, TimeUnit.SECONDS);
                watch.close();
                assertSame("seed " + seed, model.lines, followed);
            }
        }
    }

    @Test
    void aFollowerIsWokenByANewLineAndStoppedByCancel() throws Exception {
        try (LogWatches watches = new LogWatches(kernel); LogWatch watch = watches.watch(directory.toString())) {
            CompletableFuture<LogLine> first = new CompletableFuture<>();
            CompletableFuture<Void> over = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                reader().follow(LogQuery.all(), watch, first::complete);
                over.complete(null);
            });
            append(1, "half".getBytes(StandardCharsets.UTF_8));
            append(1, " and whole\n".getBytes(StandardCharsets.UTF_8));
            assertEquals("half and whole\n", new String(first.get(20, TimeUnit.SECONDS).bytes(), StandardCharsets.UTF_8));
            watch.cancel();
            over.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void rotationKeepsTheNewestSegmentsAndTheirLines() throws IOException {
        log.options(options(1000, 3));
        for (int i = 0; i < 500; i++) {
            append(1, ("line " + i + "\n").getBytes(StandardCharsets.UTF_8));
        }
        log.close();
        try (var files = Files.list(directory)) {
            assertEquals(3, files.count());
        }
        List<String> lines = bytesOf(read(LogQuery.all()));
        assertEquals("line 499\n", lines.getLast());
        assertEquals(bytesOf(model.lines).subList(500 - lines.size(), 500), lines);
        assertTrue(lines.size() > 25, lines.size() + " lines");
    }

    @Test
    void anotherWriterGoesOnWhereTheFormerEnded() {
        append(1, "one\n".getBytes(StandardCharsets.UTF_8));
        append(1, "unfinished".getBytes(StandardCharsets.UTF_8));
        finishProcess();
        log.close();
        openLog();
        append(1, "two\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("one\n", "unfinished", "two\n"), bytesOf(read(LogQuery.all())));
        assertEquals(List.of("unfinished", "two\n"), bytesOf(read(LogQuery.all().withTail(2))));
    }

    @Test
    void whatLiesBetweenTwoPlacesIsDeliveredOnceWithTheUnfinishedLines() {
        for (long seed = 1; seed <= 30; seed++) {
            Random random = start(seed);
            ByteArrayOutputStream[] shown = {null, new ByteArrayOutputStream(), new ByteArrayOutputStream()};
            LogPlace before = LogPlace.BEGINNING;
            for (int part = 0; part < 4; part++) {
                appendRandom(random, 1 + random.nextInt(20));
                LogPlace place = log.place(buffer);
                reader().between(before, place, LogQuery.all(), line -> shown[line.stream()].writeBytes(line.bytes()));
                before = place;
            }
            for (int stream = 1; stream < 3; stream++) {
                shown[stream].writeBytes(log.unfinished(stream));
                assertEquals(model.written[stream].toString(StandardCharsets.ISO_8859_1), shown[stream].toString(StandardCharsets.ISO_8859_1),
                        "seed " + seed + ", stream " + stream);
            }
            finishProcess();
        }
    }

    @Test
    void onlyTheStreamsAskedForAreDelivered() {
        append(1, "out\n".getBytes(StandardCharsets.UTF_8));
        append(2, "err\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("err\n"), bytesOf(read(new LogQuery(false, true, -1, Long.MIN_VALUE, Long.MAX_VALUE))));
    }

    @Test
    void aLogThatCannotBeWrittenDropsGoesOnAndSaysHowMuchIsMissing() throws IOException {
        Files.delete(directory);
        append(1, "lost\n".getBytes(StandardCharsets.UTF_8));
        append(1, "lost too\n".getBytes(StandardCharsets.UTF_8));
        Files.createDirectory(directory);
        time += 2_000_000_000L;
        append(1, "kept\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("[berth: 14 bytes of output (2 reads) are missing here: no such file or directory]\n", "kept\n"),
                bytesOf(read(LogQuery.all())));
        assertEquals(List.of("0 0 why", "2 14 over"), losses);
    }

    @Test
    void linesThatAreNoUtf8ComeBackByteForByte() {
        byte[] all = new byte[512];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i == '\n' ? 'n' : i);
        }
        append(1, all);
        append(2, "\u2028 \u2029 \ud83d\ude00 <&> \" \\ \t\r\n".getBytes(StandardCharsets.UTF_8));
        finishProcess();
        assertSame("", model.lines, read(LogQuery.all()));
    }

    private Random start(long seed) {
        log.close();
        for (File file : directory.toFile().listFiles()) {
            assertTrue(file.delete());
        }
        Random random = new Random(seed);
        log = open(options(random.nextBoolean() ? 200_000 : 5_000, 10_000));
        model.lines.clear();
        model.restart();
        time = 0;
        return random;
    }

    private void appendRandom(Random random, int chunks) {
        for (int i = 0; i < chunks; i++) {
            byte[] data = new byte[1 + (random.nextInt(4) == 0 ? random.nextInt(ChunkBuffer.SIZE) : random.nextInt(100))];
            random.nextBytes(data);
            int rarity = 1 << random.nextInt(16);
            for (int at = 0; at < data.length; at++) {
                data[at] = random.nextInt(rarity) == 0 ? (byte) '\n' : data[at] == '\n' ? (byte) 'x' : data[at];
            }
            append(1 + random.nextInt(2), data);
            if (random.nextInt(15) == 0) {
                finishProcess();
            }
        }
    }

    void append(int stream, byte[] data) {
        time += 1000;
        buffer.memory().bytes().put(ChunkBuffer.DATA, data);
        log.append(buffer, stream, data.length, time);
        model.append(stream, data, time);
    }

    void finishProcess() {
        time += 1000;
        log.endOfOutput(buffer, time);
        model.finish(time);
    }

    List<LogLine> read(LogQuery query) {
        List<LogLine> lines = new ArrayList<>();
        reader().read(query, lines::add);
        return lines;
    }

    private static void assertSame(String message, List<LogLine> expected, List<LogLine> actual) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            assertEquals(describe(expected.get(i)), describe(actual.get(i)), message + ", line " + i);
        }
        assertEquals(expected.size(), actual.size(), message);
    }

    private static String describe(LogLine line) {
        return line.stream() + " " + line.timeNanos() + " " + line.bytes().length + " " + Arrays.hashCode(line.bytes());
    }

    static List<String> bytesOf(List<LogLine> lines) {
        return lines.stream().map(line -> new String(line.bytes(), StandardCharsets.ISO_8859_1)).toList();
    }

    /** Byte by byte, as slow as it is plain. */
    private static final class Model {
        private final List<LogLine> lines = new ArrayList<>();
        private final ByteArrayOutputStream[] pending = new ByteArrayOutputStream[3];
        private final ByteArrayOutputStream[] written = new ByteArrayOutputStream[3];
        private final long[] firstTime = new long[3];

        Model() {
            restart();
        }

        void restart() {
            for (int stream = 1; stream < 3; stream++) {
                pending[stream] = new ByteArrayOutputStream();
                written[stream] = new ByteArrayOutputStream();
                firstTime[stream] = -1;
            }
        }

        void append(int stream, byte[] data, long time) {
            written[stream].writeBytes(data);
            for (byte b : data) {
                pending[stream].write(b);
                if (b == '\n') {
                    emit(stream, time, true);
                } else if (pending[stream].size() == LogLine.LONGEST) {
                    emit(stream, time, false);
                }
            }
        }

        void finish(long time) {
            for (int stream = 1; stream < 3; stream++) {
                if (pending[stream].size() > 0) {
                    emit(stream, time, true);
                }
                firstTime[stream] = -1;
            }
        }

        private void emit(int stream, long time, boolean last) {
            long lineTime = firstTime[stream] < 0 ? time : firstTime[stream];
            lines.add(new LogLine(stream, lineTime, pending[stream].toByteArray()));
            pending[stream].reset();
            firstTime[stream] = last ? -1 : lineTime;
        }
    }
}
