package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.daemon.failpoint.Failpoint;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The daemon is killed at every place of {@code docker network connect} and {@code disconnect} that has a name. The next one shows what
 * the container has: it is in the network with a link and an address, or in neither.
 */
class ConnectFailpointTest extends ArmedDaemonTest {

    private static final String NETWORK = "berth-test-net";
    private static final String BOX = "berth-test-box";

    @BeforeEach
    void begin() {
        docker("network", "create", "--subnet", "10.231.0.0/24", NETWORK).succeeded();
        runDetached("--name", BOX, IMAGE, "sleep", "1000");
    }

    @AfterEach
    void end() {
        removeContainers();
        docker("network", "rm", NETWORK).succeeded();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = "(JOIN|ATTACH)_.*")
    void aConnectionIsThereOrNot(Failpoint point) throws Exception {
        killAt(point, "network", "connect", NETWORK, BOX);
        boolean connected = point == Failpoint.ATTACH_RECORDED;
        assertAgreed(connected);
        docker("network", connected ? "disconnect" : "connect", NETWORK, BOX).succeeded();
        assertAgreed(!connected);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = "(DETACH|LEAVE)_.*")
    void aDisconnectionIsBroughtToItsEnd(Failpoint point) throws Exception {
        docker("network", "connect", NETWORK, BOX).succeeded();
        killAt(point, "network", "disconnect", NETWORK, BOX);
        assertAgreed(false);
        docker("network", "connect", NETWORK, BOX).succeeded();
        assertAgreed(true);
    }

    /** Inspect of the container, inspect of the network and the container's own kernel say the same. */
    private static void assertAgreed(boolean connected) {
        JsonNode endpoint = json(engine.get("/v1.51/containers/" + BOX + "/json")).path("NetworkSettings").path("Networks").path(NETWORK);
        assertEquals(connected ? "10.231.0.2" : "", endpoint.path("IPAddress").asText());
        assertEquals(connected, endpoint.isObject());
        assertEquals(connected ? "10.231.0.2/24" : "", docker("network", "inspect", "--format", "{{range .Containers}}{{.IPv4Address}}{{end}}", NETWORK)
                .succeeded().strip());
        Stream<String> addresses = docker("exec", BOX, "sh", "-c", "ip -o -4 addr | awk '{print $4}'").succeeded().lines();
        assertEquals(connected ? List.of("10.231.0.2/24") : List.of(), addresses.filter(address -> address.startsWith("10.231.")).toList());
        docker("exec", BOX, "ping", "-c", "1", "-W", "2", "-q", inspect(BOX, ".NetworkSettings.Gateway")).succeeded();
    }
}
