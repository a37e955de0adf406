package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.wire.Json;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.NameSettings;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.restart.Supervision;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.Definition;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerRecordTest {

    private static final ContainerId ID = Fixtures.id("a");
    private static final NetworkId NETWORK = new NetworkId("f".repeat(64));
    private static final Place.Assigned V4 = new Place.Assigned(IpAddress.parse("172.17.0.2"), 16, Optional.of(IpAddress.parse("172.17.0.1")));
    private static final Place.Assigned V6 = new Place.Assigned(IpAddress.parse("fd00::2"), 64, Optional.empty());
    private static final List<PublishedPort> PORTS = List.of(new PublishedPort(TransportProtocol.UDP, 53, IpAddress.parse("127.0.0.1"), 5353));
    private static final Sandbox PLACED = sandbox(List.of(
            endpoint("e", List.of("box", "alias"), Optional.of(new Place("eth0", MacAddress.parse("02:00:00:00:00:01"), Optional.of(V4), Optional.of(V6),
                    List.of(IpAddress.parse("169.254.1.1")), 3))),
            endpoint("d", List.of("box"), Map.of("db", "db.of.blue"), Optional.of(new Place("eth1", MacAddress.parse("02:00:00:00:00:02"), Optional.empty(), Optional.of(V6), List.of(), 0)))),
            PORTS, Optional.of(new NameSettings(List.of("9.9.9.9"))));
    private static final Sandbox UNPLACED = sandbox(List.of(endpoint("e", List.of(), Optional.empty())), List.of(), Optional.empty());

    private final Map<String, ContainerRecord.Replayed> replayed = new LinkedHashMap<>();

    static Stream<ContainerState> states() {
        return Stream.of(new ContainerState.Created(0, ""), new ContainerState.Created(127, "not \"found\""), Fixtures.running(3),
                Fixtures.exited(2, 137), new ContainerState.Paused(Fixtures.running(2), false), new ContainerState.Paused(Fixtures.running(2), true),
                new ContainerState.Restarting(4, 1, true, Fixtures.NOON, Fixtures.NOON.plusSeconds(1)), new ContainerState.Exited(1, 137, true, Fixtures.NOON, Fixtures.NOON.plusNanos(1), "and then"));
    }

    @ParameterizedTest
    @MethodSource("states")
    void everyStateIsReadBackAsItWas(ContainerState state) {
        replay(ContainerRecord.created(Fixtures.container().definition()), changed(state, Optional.of(PLACED)));
        assertEquals(state, replayed.get(ID.hex()).state());
        assertEquals(Optional.of(PLACED), replayed.get(ID.hex()).sandbox());
    }

    @ParameterizedTest
    @MethodSource("states")
    void anInterruptedRemovalIsBegunAgainFromTheStateBefore(ContainerState state) {
        replay(ContainerRecord.created(Fixtures.container().definition()),
                changed(new ContainerState.Dead(new ContainerState.Removing(state), "busy"), Optional.empty()));
        assertEquals(state, replayed.get(ID.hex()).state());
    }

    @Test
    void anEndpointWithoutAPlaceIsReadBack() {
        replay(ContainerRecord.created(Fixtures.container().definition()), changed(Fixtures.running(1), Optional.of(UNPLACED)));
        assertEquals(Optional.of(UNPLACED), replayed.get(ID.hex()).sandbox());
        replay(changed(Fixtures.exited(1, 0), Optional.empty()));
        assertEquals(Optional.empty(), replayed.get(ID.hex()).sandbox());
    }

    @Test
    void aDefinitionIsReadBackAsItWas() {
        Definition definition = Fixtures.definition(ID, "box", Fixtures.config(config -> {
            config.env = List.of("A=ü");
            config.labels = Map.of("k", "v");
            config.entrypoint = List.of("/e");
            config.stopTimeout = 3;
        }), Fixtures.host(host -> {
            host.memory = 5;
            host.binds = List.of("/a:/b");
            host.maskedPaths = List.of();
            host.pidsLimit = 7L;
        }));
        replay(ContainerRecord.created(definition));
        assertEquals(Json.mapper().valueToTree(definition), Json.mapper().valueToTree(replayed.get(ID.hex()).definition()));
        assertEquals(new ContainerState.Created(0, ""), replayed.get(ID.hex()).state());
    }

    @Test
    void whatWasRemovedIsGoneAndItsLateNewsToo() {
        replay(ContainerRecord.created(Fixtures.container().definition()), ContainerRecord.removed(ID),
                changed(Fixtures.exited(1, 0), Optional.empty()));
        assertEquals(Map.of(), replayed);
    }

    @Test
    void aCompactedJournalSaysTheSame() {
        Container container = Fixtures.container();
        container.change(container.state(), Fixtures.running(2));
        container.sandbox(Optional.of(PLACED));
        replay(ContainerRecord.all(container).toArray(ContainerRecord[]::new));
        assertEquals(container.state(), replayed.get(ID.hex()).state());
        assertEquals(container.sandbox(), replayed.get(ID.hex()).sandbox());
    }

    @Test
    void fieldsOfALaterVersionArePassedOver() {
        String later = new String(ContainerRecord.removed(ID).bytes(), StandardCharsets.UTF_8).replaceFirst("\\{", "{\"Later\":{\"x\":[1]},");
        assertTrue(later.contains("Later"));
        assertEquals(ContainerRecord.removed(ID), ContainerRecord.read(later.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsRememberedOfRestartsIsReadBack() {
        Container container = Fixtures.container();
        container.supervise(new Supervision(3, true));
        replay(ContainerRecord.all(container).toArray(ContainerRecord[]::new));
        assertEquals(new Supervision(3, true), replayed.get(ID.hex()).supervision());
    }

    @Test
    void aContainerThatIsRenamedStaysInItsState() {
        Definition definition = Fixtures.container().definition();
        replay(ContainerRecord.created(definition), changed(Fixtures.running(2), Optional.of(PLACED)), ContainerRecord.created(definition.named("other")));
        assertEquals("other", replayed.get(ID.hex()).definition().name());
        assertEquals(Fixtures.running(2), replayed.get(ID.hex()).state());
        assertEquals(Optional.of(PLACED), replayed.get(ID.hex()).sandbox());
    }

    @Test
    void theOneConnectionOfAnEarlierVersionIsReadBack() {
        replay(ContainerRecord.created(Fixtures.container().definition()));
        ContainerRecord former = ContainerRecord.read(("{\"Id\":\"" + ID.hex() + "\",\"State\":{\"Word\":\"running\",\"Generation\":1,\"Pid\":7,\"ExitCode\":0,"
                + "\"StartedAt\":\"2026-01-01T12:00:00Z\"},\"Endpoint\":{\"Id\":\"" + "e".repeat(64) + "\",\"Network\":\"" + NETWORK + "\",\"Address\":\"172.17.0.2\","
                + "\"PrefixLength\":16,\"Gateway\":\"172.17.0.1\",\"Mac\":\"02:00:00:00:00:01\",\"Ports\":[{\"Protocol\":\"UDP\",\"ContainerPort\":53,"
                + "\"HostAddress\":\"127.0.0.1\",\"HostPort\":5353}]}}").getBytes(StandardCharsets.UTF_8));
        former.replay(replayed);
        Place place = new Place("eth0", MacAddress.parse("02:00:00:00:00:01"), Optional.of(V4), Optional.empty(), List.of(), 0);
        assertEquals(Optional.of(sandbox(List.of(endpoint("e", List.of(), Optional.of(place))), PORTS, Optional.empty())), replayed.get(ID.hex()).sandbox());
    }

    private static Sandbox sandbox(List<Endpoint> endpoints, List<PublishedPort> ports, Optional<NameSettings> names) {
        return new Sandbox(ID.hex(), endpoints, ports, names);
    }

    private static Endpoint endpoint(String digit, List<String> names, Optional<Place> place) {
        return endpoint(digit, names, Map.of(), place);
    }

    private static Endpoint endpoint(String digit, List<String> names, Map<String, String> links, Optional<Place> place) {
        return new Endpoint(new EndpointId(digit.repeat(64)), NETWORK, names, links, place);
    }

    private static ContainerRecord changed(ContainerState state, Optional<Sandbox> sandbox) {
        return ContainerRecord.changed(new Container(Fixtures.container().definition(), Fixtures.container().spec(), state, sandbox));
    }

    private void replay(ContainerRecord... records) {
        for (ContainerRecord record : records) {
            ContainerRecord.read(record.bytes()).replay(replayed);
        }
    }
}
