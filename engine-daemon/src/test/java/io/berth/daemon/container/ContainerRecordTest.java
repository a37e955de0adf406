package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.wire.Json;
import io.berth.daemon.network.Endpoint;
import io.berth.daemon.network.EndpointId;
import io.berth.daemon.network.Ipv4Address;
import io.berth.daemon.network.MacAddress;
import io.berth.daemon.network.NetworkId;
import io.berth.daemon.network.PublishedPort;
import io.berth.daemon.network.TransportProtocol;
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

    private static final Endpoint PLACED = new Endpoint(new EndpointId("e".repeat(64)), new NetworkId("f".repeat(64)),
            Optional.of(new Endpoint.Place(Ipv4Address.parse("172.17.0.2"), 16, Ipv4Address.parse("172.17.0.1"), MacAddress.parse("02:00:00:00:00:01"))),
            List.of(new PublishedPort(TransportProtocol.UDP, 53, Ipv4Address.parse("127.0.0.1"), 5353)));
    private static final Endpoint UNPLACED = new Endpoint(new EndpointId("e".repeat(64)), new NetworkId("f".repeat(64)), Optional.empty(), List.of());
    private static final ContainerId ID = Fixtures.id("a");

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
        assertEquals(Optional.of(PLACED), replayed.get(ID.hex()).endpoint());
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
        assertEquals(Optional.of(UNPLACED), replayed.get(ID.hex()).endpoint());
        replay(changed(Fixtures.exited(1, 0), Optional.empty()));
        assertEquals(Optional.empty(), replayed.get(ID.hex()).endpoint());
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
        container.endpoint(Optional.of(PLACED));
        replay(ContainerRecord.all(container).toArray(ContainerRecord[]::new));
        assertEquals(container.state(), replayed.get(ID.hex()).state());
        assertEquals(container.endpoint(), replayed.get(ID.hex()).endpoint());
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
        assertEquals(Optional.of(PLACED), replayed.get(ID.hex()).endpoint());
    }

    private static ContainerRecord changed(ContainerState state, Optional<Endpoint> endpoint) {
        return ContainerRecord.changed(new Container(Fixtures.container().definition(), Fixtures.container().spec(), state, endpoint));
    }

    private void replay(ContainerRecord... records) {
        for (ContainerRecord record : records) {
            ContainerRecord.read(record.bytes()).replay(replayed);
        }
    }
}
