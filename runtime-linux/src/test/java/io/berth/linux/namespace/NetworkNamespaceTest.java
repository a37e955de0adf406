package io.berth.linux.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.netlink.RouteReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetworkNamespaceTest {

    private final Kernel kernel = new JnrKernel();

    @BeforeEach
    void needsRoot() throws IOException {
        assumeTrue((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "network namespaces need root");
    }

    @Test
    void aNewOneHasLoopbackUpAndTheReferencesSettings() {
        try (NetworkNamespace namespace = NetworkNamespace.create(kernel)) {
            RouteReader.Link loopback = new RouteReader(namespace.routes()).link("lo").orElseThrow();
            assertTrue(loopback.up());
            assertEquals(1, loopback.index());
            assertEquals("0", inside(namespace, "/proc/sys/net/ipv4/ip_unprivileged_port_start"));
            assertEquals("0\t2147483647", inside(namespace, "/proc/sys/net/ipv4/ping_group_range"));
        }
    }

    @Test
    void theCallersThreadStaysWhereItIs() throws IOException {
        String own = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
        try (NetworkNamespace namespace = NetworkNamespace.create(kernel)) {
            String there = NetworkNamespace.inside(kernel, namespace.handle(), NetworkNamespaceTest::identity);
            assertNotEquals(own, there);
            assertEquals(own, identity());
        }
    }

    @Test
    void whatTheWorkInsideThrowsReachesTheCaller() {
        try (NetworkNamespace namespace = NetworkNamespace.create(kernel)) {
            assertThrows(IllegalStateException.class, () -> NetworkNamespace.inside(kernel, namespace.handle(), () -> {
                throw new IllegalStateException("no");
            }));
        }
    }

    @Test
    void aHundredOfThemLeaveNoDescriptorAndNoThread() {
        try (NetworkNamespace first = NetworkNamespace.create(kernel)) {
            inside(first, "/proc/sys/net/ipv4/ip_unprivileged_port_start");
        }
        Set<Path> before = descriptors();
        for (int i = 0; i < 100; i++) {
            NetworkNamespace.create(kernel).close();
        }
        assertEquals(before.size(), descriptors().size());
        awaitNoThreads();
    }

    @Test
    void thePoolGivesPreparedOnesAndClosesTheRest() throws InterruptedException {
        Set<Path> before = descriptors();
        NetworkNamespacePool pool = new NetworkNamespacePool(kernel, 2);
        pool.refill();
        awaitNoThreads();
        assertEquals(2, pool.available());
        pool.take().close();
        pool.take().close();
        assertEquals(0, pool.available());
        pool.take().close();
        pool.refill();
        awaitNoThreads();
        pool.close();
        pool.refill();
        assertEquals(0, pool.available());
        assertEquals(before.size(), descriptors().size());
    }

    private static void awaitNoThreads() {
        Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("berth-netns")).forEach(thread -> {
            try {
                assertTrue(thread.join(java.time.Duration.ofSeconds(10)), thread.getName() + " does not end");
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        });
    }

    private String inside(NetworkNamespace namespace, String path) {
        // in one read: a file of numbers has nothing more to say to the second
        return NetworkNamespace.inside(kernel, namespace.handle(), () -> {
            FileCalls files = new FileCalls(kernel);
            NativeBuffer text = NativeBuffer.allocate(64);
            try (Fd file = files.open(path, FileCalls.O_RDONLY, 0)) {
                int length = files.read(file, text, 0, text.size());
                return new String(text.copy(0, length), StandardCharsets.US_ASCII).strip();
            }
        });
    }

    private static String identity() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Set<Path> descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.collect(Collectors.toSet());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
