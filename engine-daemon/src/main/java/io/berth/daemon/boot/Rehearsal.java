package io.berth.daemon.boot;

import java.io.IOException;
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

/**
 * Starts the daemon in a directory of its own, asks it what clients ask, and ends. {@code berthd --make-cache} runs it
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
            try (Wiring wiring = Wiring.start(settings)) {
                Berthd.announce(wiring, settings);
                for (int round = 0; round < ROUNDS; round++) {
                    for (String request : REQUESTS) {
                        ask(socket, request);
                    }
                }
            }
        } finally {
            delete(directory);
        }
    }

    private static void ask(Path socket, String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Channels.newOutputStream(channel).write((request + " HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            byte[] answer = Channels.newInputStream(channel).readAllBytes();
            if (answer.length == 0) {
                throw new IOException("no answer to " + request);
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
