package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.linux.mount.MountSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkFilesTest {

    private static final Sandbox ON_A_BRIDGE = new Sandbox("a", List.of(new Endpoint(new EndpointId("e".repeat(64)), new NetworkId("f".repeat(64)),
            List.of(), Optional.of(new Place("eth0", MacAddress.parse("02:00:00:00:00:01"), Optional.of(new Place.Assigned(
                    IpAddress.parse("172.17.0.2"), 16, Optional.of(IpAddress.parse("172.17.0.1")))), Optional.empty(), List.of(), 0)))),
            List.of(), Optional.empty());
    private static final Sandbox ON_A_BRIDGE_AND_MINE = new Sandbox("a", List.of(ON_A_BRIDGE.endpoints().getFirst(), new Endpoint(
            new EndpointId("d".repeat(64)), new NetworkId("c".repeat(64)), List.of("box"), Optional.of(new Place("eth1", MacAddress.parse("02:00:00:00:00:02"),
                    Optional.of(new Place.Assigned(IpAddress.parse("10.20.0.2"), 24, Optional.empty())),
                    Optional.of(new Place.Assigned(IpAddress.parse("fd00::2"), 64, Optional.empty())), List.of(), 0)))), List.of(), Optional.empty());

    @TempDir
    Path directory;

    @Test
    void theFilesAreMountedWhereProgramsLook() throws IOException {
        List<MountSpec> mounts = write(Fixtures.spec(config -> { }, host -> { }), Optional.of(ON_A_BRIDGE));
        assertEquals(List.of("/etc/resolv.conf", "/etc/hostname", "/etc/hosts"), mounts.stream().map(mount -> mount.destination().toString()).toList());
        assertEquals("box\n", Files.readString(directory.resolve("hostname")));
    }

    @Test
    void aContainerFindsItselfItsGatewayAndExtraHosts() throws IOException {
        ContainerSpec spec = Fixtures.spec(config -> config.domainname = "example", host ->
                host.extraHosts = List.of("db:10.0.0.9", "out:host-gateway", "six:fe80::1"));
        write(spec, Optional.of(ON_A_BRIDGE));
        String hosts = Files.readString(directory.resolve("hosts"));
        assertTrue(hosts.startsWith("127.0.0.1\tlocalhost\n"), hosts);
        assertTrue(hosts.endsWith("10.0.0.9\tdb\n172.17.0.1\tout\nfd00::1\tout\nfe80::1\tsix\n172.17.0.2\tbox.example box\n"), hosts);
    }

    @Test
    void aNameWithADomainInItIsFoundWithoutItToo() throws IOException {
        write(Fixtures.spec(config -> config.hostname = "web.example.org", host -> { }), Optional.of(ON_A_BRIDGE));
        String hosts = Files.readString(directory.resolve("hosts"));
        assertTrue(hosts.endsWith("172.17.0.2\tweb.example.org web\n"), hosts);
        write(Fixtures.spec(config -> {
            config.hostname = "a.b";
            config.domainname = "c";
        }, host -> { }), Optional.of(ON_A_BRIDGE));
        hosts = Files.readString(directory.resolve("hosts"));
        assertTrue(hosts.endsWith("172.17.0.2\ta.b.c a\n"), hosts);
    }

    @Test
    void onAReadOnlyRootTheyCannotBeWrittenEither() {
        ContainerSpec spec = Fixtures.spec(config -> { }, host -> host.readonlyRootfs = true);
        write(spec, Optional.of(ON_A_BRIDGE));
        List<MountSpec> again = new NetworkFiles(directory).written(spec);
        assertEquals(3, again.size());
        for (MountSpec mount : again) {
            assertEquals(MountSpec.Protection.TREE, ((MountSpec.Bind) mount).protection(), mount.toString());
        }
    }

    @Test
    void withoutAPlaceOnABridgeItHasNoLineOfItsOwn() throws IOException {
        write(Fixtures.spec(config -> { }, host -> host.networkMode = "none"), Optional.empty());
        assertFalse(Files.readString(directory.resolve("hosts")).contains("box"));
    }

    @Test
    void onTheHostsNetworkItHasTheHostsNames() throws IOException {
        write(Fixtures.spec(config -> { }, host -> host.networkMode = "host"), Optional.empty());
        assertTrue(Files.readString(directory.resolve("hosts")).startsWith(Files.readString(Path.of("/etc/hosts"))));
    }

    @Test
    void resolversThatWereAskedForReplaceTheHosts() throws IOException {
        String resolvers = resolvConf(host -> {
            host.dns = List.of("10.0.0.53", "10.0.0.54");
            host.dnsSearch = List.of("a.example", "b.example");
            host.dnsOptions = List.of("ndots:2");
        });
        List<String> lines = resolvers.lines().toList();
        assertEquals(List.of("nameserver 10.0.0.53", "nameserver 10.0.0.54"), lines.stream().filter(line -> line.startsWith("nameserver")).toList());
        assertEquals(List.of("search a.example b.example"), lines.stream().filter(line -> line.startsWith("search")).toList());
        assertEquals(List.of("options ndots:2"), lines.stream().filter(line -> line.startsWith("options")).toList());
    }

    @Test
    void aSearchOfADotIsNoSearch() throws IOException {
        assertFalse(resolvConf(host -> host.dnsSearch = List.of(".")).contains("\nsearch"));
    }

    @Test
    void thereIsAlwaysAResolverAndNoneOnTheLoopback() throws IOException {
        List<String> servers = resolvConf(host -> { }).lines().filter(line -> line.startsWith("nameserver")).toList();
        assertFalse(servers.isEmpty());
        assertTrue(servers.stream().noneMatch(line -> line.contains(" 127.")), servers.toString());
    }

    @Test
    void theFilesOfARunningContainerFollowItsNetworks() throws IOException {
        ContainerSpec spec = Fixtures.spec(config -> { }, host -> { });
        write(spec, Optional.of(ON_A_BRIDGE));
        Path hosts = directory.resolve("hosts");
        Files.writeString(hosts, Files.readString(hosts) + "10.9.9.9\town\n");
        follow(spec, ON_A_BRIDGE, ON_A_BRIDGE_AND_MINE);
        assertTrue(Files.readString(hosts).endsWith("172.17.0.2\tbox\n10.9.9.9\town\n10.20.0.2\tbox\nfd00::2\tbox\n"), Files.readString(hosts));
        assertTrue(Files.readString(directory.resolve("resolv.conf")).contains("nameserver 127.0.0.11\n"));
        follow(spec, ON_A_BRIDGE_AND_MINE, ON_A_BRIDGE);
        assertFalse(Files.readString(directory.resolve("resolv.conf")).contains("127.0.0.11"));
        assertTrue(Files.readString(hosts).endsWith("172.17.0.2\tbox\n10.9.9.9\town\n"), Files.readString(hosts));
    }

    @Test
    void resolversThatTheContainerHasWrittenStay() throws IOException {
        ContainerSpec spec = Fixtures.spec(config -> { }, host -> { });
        write(spec, Optional.of(ON_A_BRIDGE));
        Files.writeString(directory.resolve("resolv.conf"), "nameserver 10.0.0.99\n");
        follow(spec, ON_A_BRIDGE, ON_A_BRIDGE_AND_MINE);
        assertEquals("nameserver 10.0.0.99\n", Files.readString(directory.resolve("resolv.conf")));
    }

    private void follow(ContainerSpec spec, Sandbox before, Sandbox after) throws IOException {
        new NetworkFiles(directory).follow(spec, before, after, new NameDefaults(ResolvConf.Wishes.NONE, List::of));
    }

    private String resolvConf(Consumer<HostConfig> host) throws IOException {
        write(Fixtures.spec(config -> { }, host), Optional.of(ON_A_BRIDGE));
        return Files.readString(directory.resolve("resolv.conf"));
    }

    private List<MountSpec> write(ContainerSpec spec, Optional<Sandbox> sandbox) {
        return new NetworkFiles(directory).write(spec, sandbox, "", new NameDefaults(ResolvConf.Wishes.NONE, () -> List.of("172.17.0.1", "fd00::1")));
    }
}
