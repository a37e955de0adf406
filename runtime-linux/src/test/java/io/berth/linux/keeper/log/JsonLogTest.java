package io.berth.linux.keeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The driver {@code json-file}. */
class JsonLogTest extends LogContract {

    @Override
    LogOptions options(long segmentBytes, int segments) {
        return new LogOptions("/", path().toString(), "", segmentBytes, segments);
    }

    @Override
    LogReader reader() {
        return LogReader.ofJsonFile(kernel, path().toString(), "/");
    }

    private Path path() {
        return directory.resolve("c-json.log");
    }

    @Test
    void aLineIsWrittenAsTheReferenceEngineWritesIt() throws IOException {
        time = 1_793_000_000_123_450_000L - 1000;
        byte[] text = "hello <&> \\ \" \t\r\033[1m \177 \u00e4 \u2028 ".getBytes(StandardCharsets.UTF_8);
        append(1, text);
        append(1, new byte[] {(byte) 0xff, '\n'});
        append(2, "err\n".getBytes(StandardCharsets.UTF_8));
        assertEquals("""
                {"log":"hello \\u003c\\u0026\\u003e \\\\ \\" \\u0009\\r\\u001b[1m \177 \u00e4 \\u2028 \\ufffd\\n","stream":"stdout",\
                "time":"2026-10-26T07:33:20.123451Z","raw":"aGVsbG8gPCY+IFwgIiAJDRtbMW0gfyDDpCDigKgg/wo="}
                {"log":"err\\n","stream":"stderr","time":"2026-10-26T07:33:20.123452Z"}
                """, Files.readString(path()));
    }

    @Test
    void attributesStandInEachLineAndComeBack() throws IOException {
        log = open(new LogOptions("/", path().toString(), "{\"a\":\"1\",\"b.c\":\"x \\\"y\"}", 1000, 2));
        append(1, "one\n".getBytes(StandardCharsets.UTF_8));
        assertEquals("{\"log\":\"one\\n\",\"stream\":\"stdout\",\"attrs\":{\"a\":\"1\",\"b.c\":\"x \\\"y\"},\"time\":\"1970-01-01T00:00:00.000001Z\"}\n",
                Files.readString(path()));
        assertEquals(Map.of("a", "1", "b.c", "x \"y"), read(LogQuery.all()).getFirst().attributes());
    }

    @Test
    void whatSomebodyElseWroteIsReadOrLeftOut() throws IOException {
        Files.writeString(path(), """
                { "time" : "2026-11-22T18:59:56Z", "more": {"x":[1,"}",null]}, "log" : "\\ud83d\\ude00\\t\\/\\n", "stream":"stderr" }
                no json
                {"log":"torn
                {"log":"no time\\n","stream":"stdout"}
                """);
        append(1, "ours\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("\u00f0\u009f\u0098\u0080\t/\n", "ours\n"), bytesOf(read(LogQuery.all())));
    }

    @Test
    void aTornLineIsEndedByTheNextWriter() throws IOException {
        append(1, "one\n".getBytes(StandardCharsets.UTF_8));
        log.close();
        Files.writeString(path(), "{\"log\":\"to", StandardOpenOption.APPEND);
        assertEquals(List.of("one\n"), bytesOf(read(LogQuery.all())));
        openLog();
        append(1, "two\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("one\n", "two\n"), bytesOf(read(LogQuery.all())));
    }

    @Test
    void whatAnOlderKeeperHasSpooledComesBeforeTheFile() throws IOException {
        Path spools = Files.createDirectory(directory.resolve("log"));
        LogWriter older = open(LogOptions.in(spools.toString()));
        for (int i = 0; i < 3; i++) {
            buffer.memory().bytes().put(ChunkBuffer.DATA, ("old " + i + '\n').getBytes(StandardCharsets.UTF_8));
            older.append(buffer, 1, 6, 1);
        }
        append(1, "new 0\nnew 1\n".getBytes(StandardCharsets.UTF_8));
        LogReader both = LogReader.ofJsonFile(kernel, path().toString(), spools.toString());
        for (int tail = 0; tail < 7; tail++) {
            List<LogLine> lines = new java.util.ArrayList<>();
            both.read(LogQuery.all().withTail(tail), lines::add);
            List<String> all = List.of("old 0\n", "old 1\n", "old 2\n", "new 0\n", "new 1\n");
            assertEquals(all.subList(Math.max(0, 5 - tail), 5), bytesOf(lines), "tail " + tail);
        }
    }
}
