package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.container.InspectContainer;
import io.berth.api.wire.container.NetworkSettings;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.linux.kernel.BlockingCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.store.ImageStore;
import io.berth.store.durable.DiskFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerViewsTest {

    private static final Place PLACE = new Place("eth0", MacAddress.parse("02:42:ac:11:00:02"),
            Optional.of(new Place.Assigned(IpAddress.parse("172.17.0.2"), 16, Optional.of(IpAddress.parse("172.17.0.1")))),
            Optional.of(new Place.Assigned(IpAddress.parse("fd00::2"), 64, Optional.empty())), List.of(), 0);
    private static final ContainerState.Exited EXITED = Fixtures.exited(1, 3);
    private final Kernel kernel = new JnrKernel();
    private final BlockingCalls blockingCalls = new BlockingCalls(kernel);
    @TempDir
    Path directory;
    private ImageStore images;
    private RootFilesystem filesystems;
    private Containers containers;
    private ContainerViews views;

    @BeforeEach
    void open() {
        images = ImageStore.open(directory, kernel, image -> List.of(), (action, image, name, labels) -> { });
        filesystems = new RootFilesystem(kernel, blockingCalls, image -> List.of("/layer"), (volume, user) -> Path.of(Fixtures.volume(volume)), directory, directory.resolve("scratch"));
        containers = Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
        views = new ContainerViews(filesystems, new Links(containers, filesystems::directory, new SpecCompiler(), Fixtures.BRIDGE),
                new NetworkViews(containers, kind -> Fixtures.BRIDGE), new DiskSizes(kernel, filesystems, images.images()), new MountViews(Fixtures::volume, volume -> "local"),
                Clock.offset(Clock.fixed(Fixtures.NOON, ZoneOffset.UTC), Duration.ofMinutes(3)));
    }

    @AfterEach
    void close() {
        containers.close();
        filesystems.close();
        images.close();
        blockingCalls.close();
    }

    static Stream<Arguments> statuses() {
        return Stream.of(Arguments.of(new ContainerState.Created(127, "no"), "created", "Created"),
                Arguments.of(Fixtures.running(1), "running", "Up 3 minutes"),
                Arguments.of(new ContainerState.Running(1, 5, Fixtures.NOON.plusSeconds(999)), "running", "Up Less than a second"),
                Arguments.of(EXITED, "exited", "Exited (3) 2 minutes ago"),
                Arguments.of(new ContainerState.Removing(EXITED), "removing", "Removal In Progress"),
                Arguments.of(new ContainerState.Dead(EXITED, "busy"), "dead", "Dead"));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void theStatusIsInTheWordsOfTheReferenceEngine(ContainerState state, String word, String status) {
        ContainerSummary summary = views.summaries(Stream.of(inState(state)), false).getFirst();
        assertEquals(word, summary.state());
        assertEquals(status, summary.status());
    }

    @Test
    void inspectTellsTheLastRunAndWhyAStartFailed() {
        InspectContainer.State failed = views.inspect(inState(new ContainerState.Created(127, "not found")), false).state;
        assertEquals(List.of(127, "not found", "created", false), List.of(failed.exitCode, failed.error, failed.status, failed.running));
        InspectContainer.State running = views.inspect(inState(Fixtures.running(1)), false).state;
        assertEquals(List.of(4711, "2026-03-01T12:00:00Z", true), List.of(running.pid, running.startedAt, running.running));
        InspectContainer.State dead = views.inspect(inState(new ContainerState.Dead(EXITED, "busy")), false).state;
        assertEquals(List.of(3, "busy", true, 0), List.of(dead.exitCode, dead.error, dead.dead, dead.pid));
    }

    @Test
    void theCommandIsShownAsAPersonWouldTypeIt() {
        Definition definition = Fixtures.definition(Fixtures.id("a"), "box", Fixtures.config(config -> config.cmd = List.of("sh", "-c", "echo it's", "")),
                Fixtures.host(host -> { }));
        Container container = new Container(definition, new SpecCompiler().compile(definition), EXITED, Optional.empty());
        assertEquals("sh -c 'echo it'\\''s' ''", views.summaries(Stream.of(container), false).getFirst().command());
    }

    @Test
    void portsAreThoseExposedAndThosePublished() {
        Definition definition = Fixtures.definition(Fixtures.id("a"), "box", Fixtures.config(config ->
                config.exposedPorts = Map.of("80/tcp", Map.of(), "90/udp", Map.of())), Fixtures.host(host -> { }));
        Endpoint endpoint = new Endpoint(new EndpointId("e".repeat(64)), Fixtures.BRIDGE, List.of(), Optional.of(PLACE));
        Sandbox sandbox = new Sandbox(definition.id(), List.of(endpoint), List.of(new PublishedPort(TransportProtocol.TCP, 80, IpAddress.ANY, 8080)),
                Optional.empty());
        Container container = new Container(definition, new SpecCompiler().compile(definition), Fixtures.running(1), Optional.of(sandbox));
        assertEquals(List.of(new ContainerSummary.Port("0.0.0.0", 80, 8080, "tcp"), new ContainerSummary.Port("", 90, 0, "udp")),
                views.summaries(Stream.of(container), false).getFirst().ports());
        Map<String, ?> ports = views.inspect(container, false).networkSettings.ports;
        assertEquals("[PortBinding[hostIp=0.0.0.0, hostPort=8080]]", ports.get("80/tcp").toString());
        assertNull(ports.get("90/udp"));
    }

    @Test
    void whatAContainerHasOfTheDefaultBridgeIsRepeatedForOlderClients() {
        Definition definition = Fixtures.definition(Fixtures.id("a"), "box", Fixtures.config(config -> { }), Fixtures.host(host -> { }));
        Sandbox sandbox = new Sandbox(definition.id(), List.of(new Endpoint(new EndpointId("e".repeat(64)), Fixtures.BRIDGE, List.of(), Optional.of(PLACE))),
                List.of(), Optional.empty());
        NetworkSettings settings = views.inspect(new Container(definition, new SpecCompiler().compile(definition), Fixtures.running(1),
                Optional.of(sandbox)), false).networkSettings;
        EndpointSettings bridge = settings.networks.get("bridge");
        assertEquals(List.of("172.17.0.2", "172.17.0.1", 16, "02:42:ac:11:00:02", "fd00::2", 64, ""), List.of(bridge.ipAddress, bridge.gateway,
                bridge.ipPrefixLen, bridge.macAddress, bridge.globalIpv6Address, bridge.globalIpv6PrefixLen, bridge.ipv6Gateway));
        assertEquals(List.of("172.17.0.2", "172.17.0.1", 16, "02:42:ac:11:00:02", "fd00::2", 64, ""), List.of(settings.ipAddress, settings.gateway,
                settings.ipPrefixLen, settings.macAddress, settings.globalIpv6Address, settings.globalIpv6PrefixLen, settings.ipv6Gateway));
        assertEquals(List.of(Fixtures.BRIDGE.hex(), "e".repeat(64), List.of()), List.of(bridge.networkId, settings.endpointId, bridge.dnsNames));
    }

    @Test
    void aContainerOfAUserDefinedNetworkHasItsNamesThere() {
        EndpointSettings asked = new EndpointSettings();
        asked.aliases = List.of("web", "box");
        asked.networkId = "c".repeat(64);
        Definition definition = Fixtures.definition(Fixtures.id("a"), "box", Fixtures.config(config -> { }), Fixtures.host(host -> host.networkMode = "mine"))
                .attached("mine", asked);
        Container container = new Container(definition, new SpecCompiler().compile(definition), EXITED, Optional.empty());
        EndpointSettings mine = views.inspect(container, false).networkSettings.networks.get("mine");
        assertEquals(List.of("web", "box"), mine.aliases);
        assertEquals(List.of("box", "web", Fixtures.id("a").shortForm()), mine.dnsNames);
        assertEquals(List.of("c".repeat(64), "", ""), List.of(mine.networkId, mine.ipAddress, views.inspect(container, false).networkSettings.ipAddress));
        EndpointSettings listed = views.summaries(Stream.of(container), false).getFirst().networkSettings().networks().get("mine");
        assertEquals(List.of(List.of(), List.of()), List.of(listed.aliases, listed.dnsNames));
    }

    private static Container inState(ContainerState state) {
        Definition definition = Fixtures.container().definition();
        return new Container(definition, new SpecCompiler().compile(definition), state, Optional.empty());
    }
}
