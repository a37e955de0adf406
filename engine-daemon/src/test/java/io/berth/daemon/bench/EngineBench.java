package io.berth.daemon.bench;

import io.berth.daemon.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code ./dev bench}: what a container's life costs, how long the daemon takes to be ready, and how much memory it needs
 * when idle; beside it the same of a dockerd, measured in the same run, because only that comparison means something on
 * another machine.
 *
 * <p>Arguments: a directory with busybox.tar in it, the berthd to start, and optionally the unix:// host of a running
 * engine to compare with; without that, a dockerd on PATH is started for it. {@code -Dberth.bench.only=images} or
 * {@code =networks} measures these alone.
 */
public final class EngineBench {

    private static final int STARTS = 5;
    private static final int WARM_UP = 50;
    private static final int LIVES = 200;
    private static final int STARTED_TOGETHER = 50;
    private static final int WORKERS = 8;
    private static final int LISTED = 500;
    private static final int LISTINGS = 30;
    private static final long SETTLE_NANOS = 5_000_000_000L;
    /** One part alone: images or networks. */
    private static final Optional<String> ONLY = Optional.ofNullable(System.getProperty("berth.bench.only"));
    private static final Pattern ID = Pattern.compile("\"Id\":\"([0-9a-f]{64})\"");

    private EngineBench() {
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        byte[] image = Files.readAllBytes(directory.resolve("busybox.tar"));
        Map<String, Double> ours;
        try (Subject berthd = Subject.berthd(arguments[1], Files.createDirectory(directory.resolve("berthd")))) {
            ours = measure(berthd, image, directory);
        }
        Map<String, Double> theirs = Map.of();
        Optional<Subject> reference = arguments.length > 2 ? Optional.of(Subject.running(arguments[2]))
                : Subject.dockerd(Files.createDirectory(directory.resolve("dockerd")));
        if (reference.isPresent()) {
            try (Subject subject = reference.get()) {
                theirs = measure(subject, image, directory);
            }
        }
        print(ours, theirs);
    }

    /** Medians by name. */
    private static Map<String, Double> measure(Subject subject, byte[] image, Path directory) throws IOException {
        System.err.println("measuring " + subject.name());
        Map<String, Double> results = new LinkedHashMap<>();
        if (ONLY.isPresent()) {
            if (subject.isOurs()) {
                subject.start();
            }
            load(subject, image);
            if (ONLY.get().equals("images")) {
                new ImageMoves(subject).measure(directory, results);
            } else {
                measureNetworks(subject, results);
            }
            return results;
        }
        if (subject.isOurs()) {
            measureStarts(subject, image, results);
            LockSupport.parkNanos(SETTLE_NANOS);
            results.put("idle memory, MiB PSS", subject.idleMemory());
        } else {
            load(subject, image);
        }
        results.put("create+start+wait+remove, no network, ms", median(lives(subject, "none")));
        results.put("create+start+wait+remove, bridge, ms", median(lives(subject, "bridge")));
        if (subject.isOurs()) {
            LockSupport.parkNanos(SETTLE_NANOS);
            results.put("idle memory after " + 2 * (WARM_UP + LIVES) + " containers, MiB PSS", subject.idleMemory());
        }
        results.put("exec create+start+inspect, ms", median(execs(subject)));
        results.put("a health probe's CPU, its process included, ms", new ProbeCost(subject).millis());
        results.put(STARTED_TOGETHER + " starts by " + WORKERS + " clients, bridge, containers/s", startsTogether(subject));
        results.put("ps with " + LISTED + " containers, ms", listing(subject));
        results.put("output to an attached client, no log, GB/s", new OutputSpeed(subject).attached());
        results.put("output into a json-file log, lines of 80 bytes, MB/s", new OutputSpeed(subject).logged());
        new ImageMoves(subject).measure(directory, results);
        measureNetworks(subject, results);
        return results;
    }

    /** What another engine does not answer is not measured of it, and said. */
    private static void measureNetworks(Subject subject, Map<String, Double> results) throws IOException {
        try {
            new NetworkSpeed(subject).measure(results);
        } catch (IOException | RuntimeException failure) {
            if (subject.isOurs()) {
                throw failure;
            }
            System.err.println("networks of " + subject.name() + " are measured in part only: " + failure.getMessage());
        }
    }

    /** Starts it several times; the last start stays. */
    private static void measureStarts(Subject subject, byte[] image, Map<String, Double> results) throws IOException {
        List<Double> ready = new ArrayList<>();
        List<Double> first = new ArrayList<>();
        subject.start();
        load(subject, image);
        for (int i = 0; i < STARTS; i++) {
            subject.stop();
            ready.add(subject.start());
            try (RawHttp http = new RawHttp(subject.socket())) {
                first.add(life(http, "bridge"));
            }
        }
        results.put("daemon ready, ms", median(ready));
        results.put("first container after the start, bridge, ms", median(first));
    }

    static List<Double> lives(Subject subject, String network) throws IOException {
        List<Double> times = new ArrayList<>();
        try (RawHttp http = new RawHttp(subject.socket())) {
            for (int i = 0; i < WARM_UP; i++) {
                life(http, network);
            }
            for (int i = 0; i < LIVES; i++) {
                times.add(life(http, network));
            }
        }
        return times;
    }

    /** In one container, detached; each is over before the next begins. */
    private static List<Double> execs(Subject subject) throws IOException {
        List<Double> times = new ArrayList<>();
        try (RawHttp http = new RawHttp(subject.socket())) {
            String container = create(http, "none", "\"sleep\",\"1000\"");
            expect(204, http.request("POST", container + "/start", ""));
            for (int i = 0; i < WARM_UP + LIVES; i++) {
                long start = System.nanoTime();
                Matcher id = ID.matcher(http.request("POST", container + "/exec", "{\"Cmd\":[\"true\"]}").text());
                if (!id.find()) {
                    throw new IllegalStateException("no exec was made");
                }
                String exec = "/exec/" + id.group(1);
                expect(200, http.request("POST", exec + "/start", "{\"Detach\":true}"));
                RawHttp.Answer inspected = http.request("GET", exec + "/json", "");
                if (i >= WARM_UP) {
                    times.add((System.nanoTime() - start) / 1e6);
                }
                while (!inspected.text().contains("\"ExitCode\":0")) {
                    inspected = http.request("GET", exec + "/json", "");
                }
            }
            expect(204, http.request("DELETE", container + "?force=1", ""));
        }
        return times;
    }

    /** Containers that were created before, started by several clients at a time; containers a second. */
    private static double startsTogether(Subject subject) throws IOException {
        List<String> containers = new ArrayList<>();
        try (RawHttp http = new RawHttp(subject.socket())) {
            for (int i = 0; i < STARTED_TOGETHER; i++) {
                containers.add(create(http, "bridge", "\"sleep\",\"1000\""));
            }
            Queue<String> left = new ConcurrentLinkedQueue<>(containers);
            long start = System.nanoTime();
            try (ExecutorService clients = Executors.newFixedThreadPool(WORKERS)) {
                for (int i = 0; i < WORKERS; i++) {
                    clients.submit(() -> startAll(subject, left));
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            for (String container : containers) {
                expect(204, http.request("DELETE", container + "?force=1", ""));
            }
            if (!left.isEmpty()) {
                throw new IllegalStateException(left.size() + " containers were not started");
            }
            return STARTED_TOGETHER / seconds;
        }
    }

    private static Void startAll(Subject subject, Queue<String> containers) throws IOException {
        try (RawHttp http = new RawHttp(subject.socket())) {
            for (String container = containers.poll(); container != null; container = containers.poll()) {
                expect(204, http.request("POST", container + "/start", ""));
            }
            return null;
        }
    }

    private static double listing(Subject subject) throws IOException {
        try (RawHttp http = new RawHttp(subject.socket())) {
            List<String> containers = new ArrayList<>();
            for (int i = 0; i < LISTED; i++) {
                containers.add(create(http, "none", "\"true\""));
            }
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < LISTINGS; i++) {
                long start = System.nanoTime();
                expect(200, http.request("GET", "/v1.51/containers/json?all=1", ""));
                times.add((System.nanoTime() - start) / 1e6);
            }
            for (String container : containers) {
                expect(204, http.request("DELETE", container, ""));
            }
            return median(times);
        }
    }

    /** The container's path in the API. */
    private static String create(RawHttp http, String network, String command) throws IOException {
        String created = expect(201, http.request("POST", "/v1.51/containers/create",
                "{\"Image\":\"berth-bench\",\"Cmd\":[" + command + "],\"HostConfig\":{\"NetworkMode\":\"" + network + "\"}}"));
        Matcher id = ID.matcher(created);
        if (!id.find()) {
            throw new IllegalStateException("no id in " + created);
        }
        return "/v1.51/containers/" + id.group(1);
    }

    /** One container from create to gone, over one connection; milliseconds. */
    private static double life(RawHttp http, String network) throws IOException {
        long start = System.nanoTime();
        String container = create(http, network, "\"true\"");
        expect(204, http.request("POST", container + "/start", ""));
        String ended = expect(200, http.request("POST", container + "/wait", ""));
        if (!ended.contains("\"StatusCode\":0")) {
            throw new IllegalStateException("the container did not end with 0: " + ended);
        }
        expect(204, http.request("DELETE", container, ""));
        return (System.nanoTime() - start) / 1e6;
    }

    private static void load(Subject subject, byte[] image) throws IOException {
        try (RawHttp http = new RawHttp(subject.socket())) {
            expect(200, http.request("POST", "/v1.51/images/create?fromSrc=-&repo=berth-bench&tag=latest",
                    Map.of("Content-Type", "application/x-tar"), image));
        }
    }

    static String expect(int status, RawHttp.Answer answer) {
        if (answer.status() != status) {
            throw new IllegalStateException("answered " + answer.status() + " instead of " + status + ": " + answer.text());
        }
        return answer.text();
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static void print(Map<String, Double> ours, Map<String, Double> theirs) {
        System.out.printf("%-52s %10s %10s %8s%n", "median", "berthd", "reference", "ratio");
        ours.forEach((what, value) -> {
            Double other = theirs.get(what);
            System.out.printf("%-52s %10.2f %10s %8s%n", what, value,
                    other == null ? "-" : "%.2f".formatted(other), other == null ? "-" : "%.2f".formatted(value / other));
        });
        if (theirs.isEmpty()) {
            System.out.println("no dockerd on PATH and none named by BENCH_REFERENCE: no comparison");
        }
    }
}
