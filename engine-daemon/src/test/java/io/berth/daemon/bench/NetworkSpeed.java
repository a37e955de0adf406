package io.berth.daemon.bench;

import static io.berth.daemon.bench.EngineBench.expect;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.daemon.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a network costs: finding a neighbour, a published port against the way without one, and company in great number. */
final class NetworkSpeed {

    private static final String NETWORK = "berth-speed";
    private static final Pattern ID = Pattern.compile("\"Id\":\"([0-9a-f]{64})\"");
    private static final Pattern ADDRESS = Pattern.compile("\"IPAddress\":\"([0-9.]+)\"");
    private static final int PORT = 18099;
    private static final int FIRST_OF_MANY = 20_000;
    private static final int COMPANY = 500;
    /** As many starts are the first, and as many the last. */
    private static final int ENDS = 25;
    private static final int DOWNLOADS = 7;

    private final Subject subject;

    NetworkSpeed(Subject subject) {
        this.subject = subject;
    }

    void measure(Map<String, Double> results) throws IOException {
        try (RawHttp http = new RawHttp(subject.socket())) {
            expect(201, http.request("POST", "/v1.51/networks/create", "{\"Name\":\"" + NETWORK + "\"}"));
            results.put("create+start+wait+remove, network of one's own, ms", EngineBench.median(EngineBench.lives(subject, NETWORK)));
            String server = run(http, "neighbour", "\"sh\",\"-c\",\"mkdir /www && dd if=/dev/zero of=/www/big bs=1M count=0 seek=1024 && exec httpd -f -p 80 -h /www\"",
                    ",\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"" + PORT + "\"}]}");
            String asking = run(http, "asking", "\"sleep\",\"1000\"", "");
            results.put("lookup of a neighbour's name, ms", client(enter(asking), "lookup", "neighbour"));
            Matcher address = ADDRESS.matcher(expect(200, http.request("GET", server + "/json", "")).replaceAll("\"IPAddress\":\"\"", ""));
            if (!address.find()) {
                throw new IllegalStateException("the server has no address");
            }
            List<Double> plain = new ArrayList<>();
            List<Double> published = new ArrayList<>();
            for (int i = 0; i < DOWNLOADS; i++) { // in turn: the machine has its moods
                plain.add(client(List.of(), "download", address.group(1), "80", "/big"));
                published.add(client(List.of(), "download", "127.0.0.1", "" + PORT, "/big"));
            }
            results.put("download from a container by its address, GB/s", EngineBench.median(plain));
            results.put("the same through a published port, GB/s", EngineBench.median(published));
            remove(http, server);
            remove(http, asking);
            measureCompany(http, results);
            expect(204, http.request("DELETE", "/v1.51/networks/" + NETWORK, ""));
        }
    }

    /** Each with a published port of its own, one after the other. */
    private void measureCompany(RawHttp http, Map<String, Double> results) throws IOException {
        List<String> containers = new ArrayList<>();
        List<Double> starts = new ArrayList<>();
        for (int i = 0; i < COMPANY; i++) {
            String container = create(http, "company" + i, "\"sleep\",\"1000\"",
                    ",\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"" + (FIRST_OF_MANY + i) + "\"}]}");
            containers.add(container);
            long start = System.nanoTime();
            expect(204, http.request("POST", container + "/start", ""));
            starts.add((System.nanoTime() - start) / 1e6);
        }
        results.put("start with a published port, the first " + ENDS + " of " + COMPANY + ", ms", EngineBench.median(starts.subList(0, ENDS)));
        results.put("the same, the last " + ENDS + ", ms", EngineBench.median(starts.subList(COMPANY - ENDS, COMPANY)));
        for (String container : containers) {
            remove(http, container);
        }
    }

    private static String run(RawHttp http, String name, String command, String options) throws IOException {
        String container = create(http, name, command, options);
        expect(204, http.request("POST", container + "/start", ""));
        return container;
    }

    private static String create(RawHttp http, String name, String command, String options) throws IOException {
        Matcher id = ID.matcher(expect(201, http.request("POST", "/v1.51/containers/create?name=" + name,
                "{\"Image\":\"berth-bench\",\"Cmd\":[" + command + "],\"HostConfig\":{\"NetworkMode\":\"" + NETWORK + "\"" + options + "}}")));
        if (!id.find()) {
            throw new IllegalStateException("no id of a container");
        }
        return "/v1.51/containers/" + id.group(1);
    }

    private static void remove(RawHttp http, String container) throws IOException {
        expect(204, http.request("DELETE", container + "?force=1", ""));
    }

    /** The words that run a command in a container's network. An engine may be in a namespace of its own, where processes have other numbers. */
    private static List<String> enter(String container) {
        String id = container.substring(container.lastIndexOf('/') + 1);
        long process = ProcessHandle.allProcesses().map(ProcessHandle::pid).filter(pid -> cgroups(pid).contains(id)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no process of container " + id));
        return List.of("nsenter", "--net=/proc/" + process + "/ns/net", "--");
    }

    private static String cgroups(long process) {
        try {
            return Files.readString(Path.of("/proc/" + process + "/cgroup"));
        } catch (IOException ended) {
            return "";
        }
    }

    /** Without words that lead elsewhere it runs on the engine's host. */
    private double client(List<String> enter, String... arguments) throws IOException {
        List<String> java = Stream.concat(Stream.of(ProcessHandle.current().info().command().orElseThrow(), "-cp",
                System.getProperty("java.class.path"), NetworkClient.class.getName()), Stream.of(arguments)).toList();
        List<String> command = enter.isEmpty() ? subject.enter(java) : Stream.concat(enter.stream(), java.stream()).toList();
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (printed.isEmpty()) {
            throw new IOException("no figure from " + String.join(" ", command));
        }
        return Double.parseDouble(printed);
    }
}
