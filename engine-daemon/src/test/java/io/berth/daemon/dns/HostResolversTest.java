package io.berth.daemon.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.daemon.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostResolversTest {

    @TempDir
    private Path directory;
    private Path file;
    private Path behindStub;
    private HostResolvers resolvers;

    @BeforeEach
    void nameFiles() {
        file = directory.resolve("resolv.conf");
        behindStub = directory.resolve("behind.conf");
        resolvers = new HostResolvers(file, behindStub);
    }

    private List<String> servers() {
        return resolvers.servers().stream().map(server -> server.address() + (server.fromHost() ? " from the host" : "")).toList();
    }

    @Test
    void theHostsServersAreAskedInTheirOrderAlsoThoseOnItsLoopback() throws IOException {
        Files.writeString(file, "# by hand\nsearch example.org\n nameserver  192.0.2.1 \nnameserver ::1\nnameserver 127.0.0.1 # local\n");
        assertEquals(List.of("192.0.2.1 from the host", "::1 from the host", "127.0.0.1 from the host"), servers());
    }

    @Test
    void behindTheStubOfSystemdAreTheServersThemselves() throws IOException {
        Files.writeString(file, "nameserver 127.0.0.53\noptions edns0\n");
        assertEquals(List.of("127.0.0.53 from the host"), servers());
        Files.writeString(behindStub, "nameserver 192.0.2.7\n");
        assertEquals(List.of("192.0.2.7 from the host"), new HostResolvers(file, behindStub).servers().stream()
                .map(server -> server.address() + " from the host").toList());
    }

    @Test
    void whatIsNoAddressIsPassedOver() throws IOException {
        Files.writeString(file, "nameserver fe80::1%eth0\nnameserver\nnameserver example.org\nnameserver 192.0.2.1\n");
        assertEquals(List.of("192.0.2.1 from the host"), servers());
    }

    @Test
    void aHostWithoutServersHasThePublicOnesOfTheReference() throws IOException {
        assertEquals(List.of("8.8.8.8 from the host", "8.8.4.4 from the host"), servers());
        Files.writeString(file, "search example.org\n");
        assertEquals(List.of("8.8.8.8 from the host", "8.8.4.4 from the host"), new HostResolvers(file, behindStub).servers().stream()
                .map(server -> server.address() + " from the host").toList());
    }

    @Test
    void aChangeOfTheFileIsSeen() throws IOException {
        Files.writeString(file, "nameserver 192.0.2.1\n");
        assertEquals(List.of("192.0.2.1 from the host"), servers());
        Files.writeString(file, "nameserver 192.0.2.2\n");
        Await.until("the new server", Duration.ofSeconds(10), () -> servers().equals(List.of("192.0.2.2 from the host")),
                () -> servers().toString());
    }
}
