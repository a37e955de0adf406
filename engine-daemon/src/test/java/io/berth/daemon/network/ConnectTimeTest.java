package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/** Many connections, one after the other as {@code docker run} makes them and in a burst: how long each takes is printed, and nothing of them stays. */
class ConnectTimeTest {

    private static final int WARM_UP = 50;
    private static final int ROUNDS = 100;

    @Test
    void aConnectionLeavesNothing() throws IOException {
        TestHost.needsRoot();
        try (TestHost machine = new TestHost()) {
            Networks networks = machine.networks(NetworkNames.ofDefaultInstance());
            PortBinding port = PortBinding.of(TransportProtocol.TCP, 80, IpAddress.ANY, 8080);
            measure("first " + WARM_UP, machine, networks, WARM_UP, List.of());
            long descriptors = descriptors();
            measure("one container after the other", machine, networks, ROUNDS, List.of());
            measure("the same with a published port", machine, networks, ROUNDS, List.of(port));
            measureBurst(networks);
            TestHost.await("the links are gone", () -> machine.links().size() == 3);
            TestHost.await("the pool is full again", () -> descriptors() == descriptors);
            networks.removeAll();
            assertEquals(List.of("lo", "uplink"), machine.links());
        }
    }

    /** Each when the kernel has cleaned up after the one before. */
    private static void measure(String what, TestHost machine, Networks networks, int rounds, List<PortBinding> ports) {
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
