package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Load: containers that talk without a pause, and clients that come and go: they attach, follow and read logs, run further
 * processes, list, and make containers of their own. Each looks at every byte it gets: lines are numbered.
 */
final class Soak {

    private static final int CLIENTS = 16;
    private static final int LINES_AT_A_TIME = 10;
    private static final int SECONDS_FOR_ONE_VISIT = 90;
    /** A line is its number, and enough to make a mixture of two visible. */
    private static final String LINE = "line %d of what this container has to say, which is always the same but for the number";

    private static final Map<String, String> UPGRADE = Map.of("Connection", "Upgrade", "Upgrade", "tcp", "Content-Type", "application/json");

    private final EngineUnderTest engine;
    private final String image;
    private final String mark;
    private final long seed;
    private final Map<String, AtomicInteger> visits = new ConcurrentHashMap<>();
    private List<String> talkers = List.of();

    Soak(EngineUnderTest engine, String image, String mark, long seed) {
        this.engine = engine;
        this.image = image;
        this.mark = mark;
        this.seed = seed;
    }

    /** How many visits of which kind there were. */
    Map<String, AtomicInteger> visits() {
        return new TreeMap<>(visits);
    }

    /** Makes the containers, lets the clients in until the time is over, and checks the containers' whole logs at the end. */
    void run(int containers, int seconds) throws Exception {
        talkers = IntStream.range(0, containers).mapToObj(i -> talker(containers)).toList();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = IntStream.range(0, CLIENTS).<Future<?>>mapToObj(i -> clients.submit(() -> {
                Random random = new Random(seed + i);
                do {
                    visitWithin(random.nextLong());
                } while (System.nanoTime() < end);
                return null;
            })).toList();
            for (Future<?> client : all) {
                client.get();
            }
        }
        endTalkers();
    }

    /** All together they say about four thousand lines a second, however many there are. */
    private String talker(int containers) {
        String script = "trap 'echo total $i; exit 0' TERM; i=0; while :; do n=0; while [ $n -lt " + LINES_AT_A_TIME + " ]; do echo \""
                + LINE.replace("%d", "$i") + "\"; i=$((i+1)); n=$((n+1)); done; usleep " + containers * 2500 + "; done";
        String id = create(List.of("sh", "-c", script));
        assertEquals(204, engine.request("POST", "/v1.51/containers/" + id + "/start", "").status());
        return id;
    }

    private String create(List<String> command) {
        String words = command.stream().map(word -> '"' + word.replace("\"", "\\\"") + '"').reduce((a, b) -> a + ',' + b).orElseThrow();
        RawHttp.Answer created = engine.request("POST", "/v1.51/containers/create",
                "{\"Image\":\"%s\",\"Labels\":{\"%s\":\"\"},\"AttachStdout\":true,\"Cmd\":[%s]}".formatted(image, mark, words));
        assertEquals(201, created.status(), created::text);
        return ContainerTest.json(created).path("Id").asText();
    }

    /** Who does not come back hangs. */
    private void visitWithin(long visit) throws Exception {
        Thread[] thread = new Thread[1];
        try (ExecutorService one = Executors.newSingleThreadExecutor(task -> thread[0] = Thread.ofVirtual().unstarted(task))) {
            Future<?> done = one.submit(() -> {
                visit(new Random(visit));
                return null;
            });
            try {
                done.get(SECONDS_FOR_ONE_VISIT, TimeUnit.SECONDS);
            } catch (TimeoutException hangs) {
                AssertionError failure = new AssertionError("a visit hangs (seed " + visit + ", visits " + visits() + ")");
                failure.setStackTrace(thread[0].getStackTrace());
                one.shutdownNow();
                throw failure;
            }
        }
    }

    private void visit(Random random) throws IOException {
        String talker = talkers.get(random.nextInt(talkers.size()));
        int kind = random.nextInt(100);
        if (kind < 25) {
            count("attach");
            attach(talker, random.nextInt(60));
        } else if (kind < 40) {
            count("logs that follow");
            follow(talker, random.nextInt(60));
        } else if (kind < 55) {
            count("logs");
            tail(talker, 1 + random.nextInt(200));
        } else if (kind < 70) {
            count("exec");
            exec(talker, 1 + random.nextInt(3000));
        } else if (kind < 80) {
            count("exec with input");
            execWithInput(talker, random);
        } else if (kind < 90) {
            count("container");
            container(random.nextInt(2000));
        } else {
            count("ps and inspect");
            look(talker);
        }
    }

    private void count(String kind) {
        visits.computeIfAbsent(kind, key -> new AtomicInteger()).incrementAndGet();
    }

    /** Listens to some lines and goes without a word; with none it goes before the first has come. */
    private void attach(String talker, int lines) throws IOException {
        try (RawHttp http = engine.connect()) {
            http.sendHead("POST", "/v1.51/containers/" + talker + "/attach?stream=1&stdout=1&stderr=1", UPGRADE, 0);
            assertEquals(101, http.readHead().status());
            listen(new Frames(http.in()), lines);
        }
    }

    private void follow(String talker, int lines) throws IOException {
        try (RawHttp http = engine.connect()) {
            http.sendHead("GET", "/v1.51/containers/" + talker + "/logs?stdout=1&follow=1&tail=20", Map.of(), 0);
            assertEquals(200, http.readHead().status());
            listen(new Frames(new Chunks(http)), lines);
        }
    }

    /** The first line may have begun before we came; from then on none is missing. */
    private static void listen(Frames frames, int lines) throws IOException {
        if (lines > 0) {
            frames.line();
        }
        int expected = -1;
        for (int i = 0; i < lines; i++) {
            int number = number(frames.line());
            assertTrue(expected < 0 || number == expected, "line " + number + " after line " + (expected - 1));
            expected = number + 1;
        }
    }

    private static int number(String line) {
        int number = Integer.parseInt(line.substring(5, line.indexOf(' ', 5)));
        assertEquals(LINE.formatted(number), line);
        return number;
    }

    private void tail(String talker, int lines) throws IOException {
        List<String> read = lines(engine.get("/v1.51/containers/" + talker + "/logs?stdout=1&tail=" + lines));
        for (int i = 1; i < read.size(); i++) {
            assertEquals(number(read.get(i - 1)) + 1, number(read.get(i)));
        }
    }

    private static List<String> lines(RawHttp.Answer answer) throws IOException {
        assertEquals(200, answer.status(), answer::text);
        return new String(new Frames(new ByteArrayInputStream(answer.body())).rest(), StandardCharsets.UTF_8).lines().toList();
    }

    private void exec(String talker, int lines) throws IOException {
        String id = createExec(talker, "\"AttachStdout\":true,\"Cmd\":[\"sh\",\"-c\",\"seq " + lines + "; exit 3\"]");
        byte[] expected = sequence(lines);
        assertArrayEquals(expected, startExec(id, new byte[0]));
        assertExec(id, 3);
    }

    private void execWithInput(String talker, Random random) throws IOException {
        byte[] input = new byte[random.nextInt(300_000)];
        random.nextBytes(input);
        String id = createExec(talker, "\"AttachStdin\":true,\"AttachStdout\":true,\"Cmd\":[\"cat\"]");
        assertArrayEquals(input, startExec(id, input));
        assertExec(id, 0);
    }

    private String createExec(String talker, String fields) {
        RawHttp.Answer created = engine.request("POST", "/v1.51/containers/" + talker + "/exec", '{' + fields + '}');
        assertEquals(201, created.status(), created::text);
        return ContainerTest.json(created).path("Id").asText();
    }

    private byte[] startExec(String id, byte[] input) throws IOException {
        try (RawHttp http = engine.connect()) {
            http.sendHead("POST", "/v1.51/exec/" + id + "/start", UPGRADE, 2);
            http.send("{}");
            assertEquals(101, http.readHead().status());
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    http.send(input);
                    http.shutdownOutput();
                } catch (IOException closed) {
                    // what came back is compared with what went in
                }
            });
            byte[] output = new Frames(http.in()).rest();
            join(writer);
            return output;
        }
    }

    private void assertExec(String id, int code) {
        JsonNode told = ContainerTest.json(engine.get("/v1.51/exec/" + id + "/json"));
        assertEquals(false, told.path("Running").asBoolean(true), told::toString);
        assertEquals(code, told.path("ExitCode").asInt(-1), told::toString);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** A whole life, every byte of it. */
    private void container(int lines) throws IOException {
        String id = create(List.of("sh", "-c", "seq " + lines + "; exit 3"));
        try (RawHttp http = engine.connect()) {
            http.sendHead("POST", "/v1.51/containers/" + id + "/attach?stream=1&stdout=1", UPGRADE, 0);
            assertEquals(101, http.readHead().status());
            assertEquals(204, engine.request("POST", "/v1.51/containers/" + id + "/start", "").status());
            assertArrayEquals(sequence(lines), new Frames(http.in()).rest());
        }
        assertEquals(3, ContainerTest.json(engine.request("POST", "/v1.51/containers/" + id + "/wait", "")).path("StatusCode").asInt());
        RawHttp.Answer logs = engine.get("/v1.51/containers/" + id + "/logs?stdout=1");
        assertArrayEquals(sequence(lines), new Frames(new ByteArrayInputStream(logs.body())).rest());
        assertEquals(204, engine.request("DELETE", "/v1.51/containers/" + id, "").status());
    }

    private static byte[] sequence(int lines) {
        StringBuilder text = new StringBuilder();
        IntStream.rangeClosed(1, lines).forEach(i -> text.append(i).append('\n'));
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private void look(String talker) {
        assertEquals("running", ContainerTest.json(engine.get("/v1.51/containers/" + talker + "/json")).at("/State/Status").asText());
        assertTrue(engine.get("/v1.51/containers/json").text().contains(talker));
    }

    /** Each says how many lines it has written; all of them are in its log. */
    private void endTalkers() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> ends = talkers.stream().<Future<?>>map(talker -> threads.submit(() -> {
                RawHttp.Answer stopped = engine.request("POST", "/v1.51/containers/" + talker + "/stop?t=60", "");
                assertEquals(204, stopped.status(), stopped::text);
                List<String> log = lines(engine.get("/v1.51/containers/" + talker + "/logs?stdout=1"));
                int said = log.size() - 1;
                // The signal may come after a line was said and before it was counted.
                assertTrue(List.of("total " + said, "total " + (said - 1)).contains(log.getLast()), () -> said + " lines, and " + log.getLast());
                for (int i = 0; i < log.size() - 1; i++) {
                    assertEquals(LINE.formatted(i), log.get(i));
                }
                assertEquals(204, engine.request("DELETE", "/v1.51/containers/" + talker, "").status());
                return null;
            })).toList();
            for (Future<?> end : ends) {
                end.get();
            }
        }
    }

    /** The payloads of a multiplexed stream. */
    private static final class Frames {
        private final InputStream in;
        private final ByteArrayOutputStream payload = new ByteArrayOutputStream();

        Frames(InputStream in) {
            this.in = in;
        }

        /** The next line, without its end. */
        String line() throws IOException {
            while (true) {
                String text = payload.toString(StandardCharsets.UTF_8);
                int end = text.indexOf('\n');
                if (end >= 0) {
                    payload.reset();
                    payload.writeBytes(text.substring(end + 1).getBytes(StandardCharsets.UTF_8));
                    return text.substring(0, end);
                }
                if (!next()) {
                    throw new EOFException("the stream ended within \"" + text + '"');
                }
            }
        }

        byte[] rest() throws IOException {
            while (next()) {
                // all there is
            }
            return payload.toByteArray();
        }

        private boolean next() throws IOException {
            byte[] head = in.readNBytes(8);
            if (head.length == 0) {
                return false;
            }
            assertEquals(8, head.length, "bytes of a frame's head");
            assertEquals(1 << 24, ByteBuffer.wrap(head).getInt(), "stdout");
            int length = ByteBuffer.wrap(head).getInt(4);
            byte[] bytes = in.readNBytes(length);
            assertEquals(length, bytes.length, "bytes of a frame");
            payload.writeBytes(bytes);
            return true;
        }
    }

    /** What a chunked body holds. */
    private static final class Chunks extends InputStream {
        private final RawHttp http;
        private int left;

        Chunks(RawHttp http) {
            this.http = http;
        }

        @Override
        public int read() throws IOException {
            if (left == 0) {
                left = Integer.parseInt(http.readLine(), 16);
                if (left == 0) {
                    return -1;
                }
            }
            int b = http.in().read();
            if (--left == 0) {
                http.readLine();
            }
            return b;
        }
    }
}
