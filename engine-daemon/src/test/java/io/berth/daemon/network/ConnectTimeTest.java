package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.linux.kernel.Fd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How long a container waits for its network, one after the other as {@code docker run} does; printed, and bounded loosely. */
class ConnectTimeTest {

    private static final int WARM_UP = 100;
    private static final int ROUNDS = 300;
    /** Ten times what it takes: another process on the machine must not fail a test, an awaited link deletion must. */
    private static final double BOUND_MILLIS = 10;

    @Test
    void aConnectionTakesAboutAMillisecondAndLeavesNothing() throws IOException {
        TestHost.needsRoot();
        try (TestHost machine = new TestHost()) {
            Networks networks = machine.networks(NetworkNames.ofDefaultInstance());
            PortBinding port = PortBinding.of(TransportProtocol.TCP, 80, IpAddress.ANY, 8080);
            measure("first " + WARM_UP, machine, networks, WARM_UP, List.of());
            long descriptors = descriptors();
            double plain = measure("one container after the other", machine, networks, ROUNDS, List.of());
            measure("the same with a published port", machine, networks, ROUNDS, List.of(port));
            measureBurst(networks);
            TestHost.await("the links are gone", () -> machine.links().size() == 3);
            TestHost.await("the pool is full again", () -> descriptors() == descriptors);
            assertTrue(plain < BOUND_MILLIS, "connecting took " + plain + " ms");
            networks.removeAll();
            assertEquals(List.of("lo", "uplink"), machine.links());
        }
    }

    /** Each when the kernel has cleaned up after the one before. */
    private static double measure(String what, TestHost machine, Networks networks, int rounds, List<PortBinding> ports) {
        double[] connect = new double[rounds];
        double[] disconnect = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            long start = System.nanoTime();
            Connection connection = networks.connect(TestHost.request(networks, NetworkKind.BRIDGE, "c" + i, ports));
            connect[i] = (System.nanoTime() - start) / 1e6;
            connection.namespace().ifPresent(Fd::close);
            start = System.nanoTime();
            networks.disconnect(connection.sandbox());
            disconnect[i] = (System.nanoTime() - start) / 1e6;
            TestHost.await("the link is gone", () -> machine.links().size() == 3);
        }
        Arrays.sort(connect);
        Arrays.sort(disconnect);
        System.out.printf("%s: connect p50 %.2f ms, p95 %.2f ms; disconnect p50 %.2f ms%n", what, connect[rounds / 2],
                connect[rounds * 95 / 100], disconnect[rounds / 2]);
        return connect[rounds / 2];
    }

    /** While the kernel cleans up after those before, which holds the same locks. */
    private static void measureBurst(Networks networks) {
        long start = System.nanoTime();
        for (int i = 0; i < ROUNDS; i++) {
            Connection connection = networks.connect(TestHost.request(networks, NetworkKind.BRIDGE, "b" + i, List.of()));
            connection.namespace().ifPresent(Fd::close);
            networks.disconnect(connection.sandbox());
        }
        System.out.printf("in a burst: %.0f a second%n", ROUNDS / ((System.nanoTime() - start) / 1e9));
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
