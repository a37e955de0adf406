package io.berth.daemon.boot;

import io.berth.daemon.dns.ResolverRehearsal;
import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.launch.StaticProgram;
import io.berth.linux.netlink.NetlinkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Starts the daemon in a directory of its own, asks it what clients ask, runs containers, and ends. {@code berthd --make-cache} runs it
 * with a JVM that notes which classes were loaded and which methods were busy, and keeps them, linked and with their
 * profiles, for later starts (-XX:AOTCacheOutput).
 */
final class Rehearsal {

    private static final int ROUNDS = 30;
    private static final List<String> REQUESTS = List.of(
            "HEAD /_ping", "GET /_ping", "GET /v1.51/version", "GET /v1.51/info", "GET /v1.51/containers/json?all=1", "GET /v1.51/images/json",
            "GET /v1.51/networks", "GET /v1.51/events?until=1", "GET /v1.51/system/df", "GET /v1.51/containers/none/json",
            "GET /v1.51/images/none/json");

    private Rehearsal() {
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory("berth-rehearsal-");
        try {
            Path socket = directory.resolve("berth.sock");
            Path configuration = Files.writeString(directory.resolve("daemon.json"), "{}");
            Settings settings = Settings.of(List.of("--data-root", directory.resolve("data").toString(), "--exec-root",
                    directory.resolve("run").toString(), "-H", "unix://" + socket, "--config-file", configuration.toString())).settings();
            Logging.setLevel(settings.logLevel());
            try (Wiring wiring = Wiring.start(settings, true)) {
                Berthd.announce(wiring, settings);
                ask(socket, "POST /v1.51/images/create?fromSrc=-&repo=rehearsal", imageOfOneProgram());
                for (int round = 0; round < ROUNDS; round++) {
                    for (String request : REQUESTS) {
                        ask(socket, request, new byte[0]);
                    }
                    runContainer(socket, "rehearsal-" + round);
                }
                resolveNames();
            }
            // The keeper, a child of this process, writes its cache when it ends.
            ProcessHandle.current().children().forEach(keeper -> keeper.onExit().join());
        } finally {
            delete(directory);
        }
    }

    /** One life, as the CLI asks for it. Without a network, so that nothing of the host's changes. */
    private static void runContainer(Path socket, String name) throws IOException {
        byte[] body = """
                {"Image": "rehearsal", "Cmd": ["/program"], "Env": ["A=b"], "HostConfig": {"NetworkMode": "none"}}""".getBytes(StandardCharsets.UTF_8);
        ask(socket, "POST /v1.51/containers/create?name=" + name, body);
        for (String request : List.of("POST /v1.51/containers/%s/start", "POST /v1.51/containers/%s/wait", "GET /v1.51/containers/%s/json",
                "GET /v1.51/containers/%s/logs?stdout=1", "DELETE /v1.51/containers/%s")) {
            ask(socket, request.formatted(name), new byte[0]);
        }
    }

    /** A machine that lacks nf_tables can make the cache all the same; a first container in a network of its own is slower then. */
    private static void resolveNames() {
        try {
            ResolverRehearsal.run(new JnrKernel());
        } catch (NetlinkException | SystemCallException refusal) {
            System.err.println("names are not rehearsed: " + refusal.getMessage());
        }
    }

    private static byte[] imageOfOneProgram() throws IOException {
        byte[] program = StaticProgram.success(Architecture.current());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry("program");
            entry.setMode(0755);
            entry.setSize(program.length);
            tar.putArchiveEntry(entry);
            tar.write(program);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    /** @throws IOException when the daemon does not answer, or refuses what must succeed */
    private static void ask(Path socket, String request, byte[] body) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            OutputStream out = Channels.newOutputStream(channel);
            out.write((request + " HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: "
                    + (request.contains("fromSrc") ? "application/x-tar" : "application/json") + "\r\nContent-Length: " + body.length
                    + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            out.write(body);
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            boolean mayFail = request.contains("/none/") || request.contains("/networks");
            if (!mayFail && !answer.startsWith("HTTP/1.1 2")) {
                throw new IOException(request + " is answered with " + (answer.isEmpty() ? "nothing" : answer));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
