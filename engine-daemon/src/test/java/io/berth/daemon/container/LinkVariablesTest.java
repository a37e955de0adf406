package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.daemon.spec.Link;
import io.berth.daemon.spec.PortOptions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LinkVariablesTest {

    private static List<String> variables(String alias, List<String> environment, String... ports) {
        return LinkVariables.of(new Link("a", "target", alias), "/child/" + alias, "172.17.0.2",
                Stream.of(ports).map(PortOptions.Port::parse).toList(), environment);
    }

    private static List<String> port(String prefix, int number, String protocol) {
        String name = prefix + "_PORT_" + number + "_" + protocol.toUpperCase();
        return List.of(name + "=" + protocol + "://172.17.0.2:" + number, name + "_ADDR=172.17.0.2", name + "_PORT=" + number,
                name + "_PROTO=" + protocol);
    }

    @Test
    void whoHasNoPortsHasANameAndVariables() {
        assertEquals(List.of("DB_NAME=/child/db", "DB_ENV_A=1", "DB_ENV_EMPTY=", "DB_ENV_PAIR=a=b"),
                variables("db", List.of("PATH=/bin", "HOME=/root", "A=1", "EMPTY=", "PAIR=a=b", "UNSET")));
    }

    @Test
    void theFirstPortIsThatOfTcpAndNeighboursAreARangeToo() {
        List<String> expected = Stream.of(List.of("A_B_PORT=tcp://172.17.0.2:11"), port("A_B", 11, "tcp"), port("A_B", 12, "tcp"),
                List.of("A_B_PORT_11_TCP_START=tcp://172.17.0.2:11", "A_B_PORT_11_TCP_PORT_START=11", "A_B_PORT_11_TCP_END=tcp://172.17.0.2:12",
                        "A_B_PORT_11_TCP_PORT_END=12"),
                port("A_B", 20, "tcp"), port("A_B", 10, "udp"), List.of("A_B_NAME=/child/a-b")).flatMap(List::stream).toList();
        assertEquals(expected, variables("a-b", List.of(), "10/udp", "20", "12/tcp", "11"));
    }

    @Test
    void ofAnAliasWithPartsTheLastCounts() {
        assertEquals(List.of("B_NAME=/child/a/b"), variables("a/b", List.of()));
    }
}
