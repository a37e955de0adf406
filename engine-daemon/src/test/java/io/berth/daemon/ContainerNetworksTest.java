package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Containers in networks that somebody made: several at once, while they run and while they do not, and those of another container. */
class ContainerNetworksTest extends NetworkTest {

    private static final String BOX = "berth-test-box";

    @BeforeEach
    void makeNetworks() {
        network(A, "--subnet", "10.231.0.0/24");
        network(B, "--ipv6", "--subnet", "10.231.1.0/24", "--subnet", "fd00:231::/64");
    }

    @Test
    void aContainerHasAnAddressAndItsNamesInTheNetwork() {
        String id = started(BOX, "--network", A, "--network-alias", "web", "--network-alias", "web", "--hostname", "hh");
        JsonNode endpoint = endpoint(BOX, A);
        assertEquals("10.231.0.2 24 10.231.0.1", endpoint.path("IPAddress").asText() + " " + endpoint.path("IPPrefixLen") + " "
                + endpoint.path("Gateway").asText());
        assertEquals("[\"" + BOX + "\",\"web\",\"" + id.substring(0, 12) + "\",\"hh\"]", endpoint.path("DNSNames").toString());
        assertEquals(shown(A).path("Id").asText(), endpoint.path("NetworkID").asText());
        assertEquals("", inspect(BOX, ".NetworkSettings.IPAddress"));
        JsonNode member = shown(A).path("Containers").path(id);
        assertEquals(BOX + " 10.231.0.2/24 ''", member.path("Name").asText() + " " + member.path("IPv4Address").asText() + " '"
                + member.path("IPv6Address").asText() + "'");
        assertEquals(endpoint.path("EndpointID"), member.path("EndpointID"));
        assertEquals(endpoint.path("MacAddress").asText(), exec(BOX, "cat /sys/class/net/eth0/address"));
        assertEquals("10.231.0.2\thh", exec(BOX, "tail -1 /etc/hosts"));
        assertTrue(exec(BOX, "cat /etc/resolv.conf").contains("nameserver 127.0.0.11\noptions ndots:0"), exec(BOX, "cat /etc/resolv.conf"));
        docker("rename", BOX, BOX + "-2").succeeded();
        assertEquals(BOX + "-2", endpoint(id, A).path("DNSNames").get(0).asText());
        docker("stop", "-t", "0", id).succeeded();
        assertEquals("'' '' " + shown(A).path("Id").asText(), "'" + endpoint(id, A).path("IPAddress").asText() + "' '"
                + endpoint(id, A).path("EndpointID").asText() + "' " + endpoint(id, A).path("NetworkID").asText());
        assertEquals("{}", shown(A).path("Containers").toString());
    }

    @Test
    void severalNetworksAreThereFromTheStart() {
        String id = create("{\"Image\":\"" + IMAGE + "\",\"Cmd\":[\"sleep\",\"1000\"],\"Labels\":{\"" + MARK + "\":\"\"},\"HostConfig\":{\"NetworkMode\":\""
                + A + "\"},\"NetworkingConfig\":{\"EndpointsConfig\":{\"" + A + "\":{\"Aliases\":[\"web\"]},\"" + B
                + "\":{\"IPAMConfig\":{\"IPv4Address\":\"10.231.1.50\",\"IPv6Address\":\"fd00:231::50\"},\"GwPriority\":5}}}}");
        assertEquals(List.of(A, B), networksOf(id));
        assertEquals("[\"web\"] ", endpoint(id, A).path("Aliases") + " " + endpoint(id, A).path("NetworkID").asText());
        docker("start", id).succeeded();
        assertEquals("10.231.1.50 fd00:231::50 64 fd00:231::1 5", endpoint(id, B).path("IPAddress").asText() + " "
                + endpoint(id, B).path("GlobalIPv6Address").asText() + " " + endpoint(id, B).path("GlobalIPv6PrefixLen") + " "
                + endpoint(id, B).path("IPv6Gateway").asText() + " " + endpoint(id, B).path("GwPriority"));
        assertTrue(exec(id, "ip route").startsWith("default via 10.231.1.1 "), exec(id, "ip route"));
        assertEquals("10.231.0.2 10.231.1.50 fd00:231::50", exec(id, "cat /etc/hosts").lines().filter(line -> line.endsWith("\t" + id.substring(0, 12)))
                .map(line -> line.split("\t")[0]).sorted().collect(Collectors.joining(" ")));
        assertEquals(List.of(id), listed(A));
        assertEquals(List.of(id), listed(shown(B).path("Id").asText()));
        assertEquals(List.of(), listed("bridge"));
    }

    private static String create(String body) {
        RawHttp.Answer made = post("/containers/create", body);
        assertEquals(201, made.status(), made::text);
        return json(made).path("Id").asText();
    }

    private static List<String> listed(String network) {
        return docker("ps", "-aq", "--no-trunc", "--filter", "label=" + MARK, "--filter", "network=" + network).succeeded().lines().toList();
    }

    @Test
    void aRunningContainerIsConnectedAndDisconnected() {
        String id = started(BOX);
        docker("network", "connect", "--alias", "web", A, BOX).succeeded();
        assertEquals(List.of(A, "bridge"), networksOf(BOX));
        assertEquals("10.231.0.2 [\"web\"]", endpoint(BOX, A).path("IPAddress").asText() + " " + endpoint(BOX, A).path("Aliases"));
        assertEquals(inspect(BOX, ".NetworkSettings.IPAddress"), endpoint(BOX, "bridge").path("IPAddress").asText());
        assertTrue(exec(BOX, "cat /etc/hosts").contains("10.231.0.2\t" + id.substring(0, 12)), exec(BOX, "cat /etc/hosts"));
        assertTrue(exec(BOX, "cat /etc/resolv.conf").contains("nameserver 127.0.0.11\n"), exec(BOX, "cat /etc/resolv.conf"));
        assertTrue(exec(BOX, "ip -o -4 addr").contains("10.231.0.2/24"), exec(BOX, "ip -o -4 addr"));
        assertEquals("403 endpoint with name " + BOX + " already exists in network " + A, connect(A, "{\"Container\":\"" + BOX + "\"}"));
        docker("network", "disconnect", "bridge", BOX).succeeded();
        assertEquals(List.of(A), networksOf(BOX));
        assertEquals("", inspect(BOX, ".NetworkSettings.IPAddress"));
        assertTrue(exec(BOX, "ip route").startsWith("default via 10.231.0.1 "), exec(BOX, "ip route"));
        docker("network", "disconnect", A, BOX).succeeded();
        assertEquals(List.of(), networksOf(BOX));
        assertFalse(exec(BOX, "cat /etc/hosts").contains(id.substring(0, 12)), exec(BOX, "cat /etc/hosts"));
        assertEquals("127.0.0.1/8", exec(BOX, "ip -o -4 addr | awk '{print $4}'"));
        docker("network", "connect", "--ip", "10.231.1.9", B, BOX).succeeded();
        assertEquals("10.231.1.9", endpoint(BOX, B).path("IPAddress").asText());
        docker("restart", "-t", "0", BOX).succeeded();
        assertEquals("[" + B + "] 10.231.1.9", networksOf(BOX) + " " + endpoint(BOX, B).path("IPAddress").asText());
    }

    @Test
    void whatDoesNotRunIsConnectedFromItsNextStartOn() {
        created(BOX, "--network", A);
        docker("network", "connect", "--alias", "q", B, BOX).succeeded();
        docker("network", "connect", A, BOX).succeeded(); // which it is already
        docker("network", "disconnect", A, BOX).succeeded();
        assertFails(1, "is not connected to the network " + A, docker("network", "disconnect", A, BOX));
        assertEquals(List.of(B), networksOf(BOX));
        docker("start", BOX).succeeded();
        assertEquals("10.231.1.2 [\"q\"]", endpoint(BOX, B).path("IPAddress").asText() + " " + endpoint(BOX, B).path("Aliases"));
        assertEquals(List.of(B), networksOf(BOX));
        docker("stop", "-t", "0", BOX).succeeded();
        docker("network", "disconnect", B, BOX).succeeded();
        docker("start", BOX).succeeded();
        assertEquals(List.of(), networksOf(BOX));
        assertEquals("127.0.0.1/8", exec(BOX, "ip -o -4 addr | awk '{print $4}'"));
    }

    @Test
    void aContainerComesBackToItsNetworkAndToNoOtherOfThatName() {
        created(BOX, "--network", A);
        docker("network", "rm", A).succeeded();
        RawHttp.Answer gone = post("/containers/" + BOX + "/start", "");
        assertEquals("404 failed to set up container networking: network " + A + " not found", answer(gone));
        String first = network(A, "--subnet", "10.231.0.0/24");
        docker("start", BOX).succeeded();
        docker("stop", "-t", "0", BOX).succeeded();
        docker("network", "rm", A).succeeded();
        network(A, "--subnet", "10.231.0.0/24");
        assertEquals("404 failed to set up container networking: network " + first + " not found", answer(post("/containers/" + BOX + "/start", "")));
    }

    @Test
    void anAddressBelongsToOneAtATime() {
        started(BOX, "--network", A, "--ip", "10.231.0.77", "--mac-address", "02:00:00:00:00:77");
        assertEquals("10.231.0.77 02:00:00:00:00:77", endpoint(BOX, A).path("IPAddress").asText() + " " + endpoint(BOX, A).path("MacAddress").asText());
        created(BOX + "-2", "--network", A, "--ip", "10.231.0.77");
        assertEquals("403 failed to set up container networking: Address already in use", answer(post("/containers/" + BOX + "-2/start", "")));
        started(BOX + "-3");
        assertEquals("403 Address already in use", connect(A, "{\"Container\":\"" + BOX
                + "-3\",\"EndpointConfig\":{\"IPAMConfig\":{\"IPv4Address\":\"10.231.0.1\"}}}"));
        assertTrue(exec(BOX + "-3", "ip -o -4 addr").lines().count() == 2, exec(BOX + "-3", "ip -o -4 addr"));
    }

    private static String connect(String network, String body) {
        return answer(post("/networks/" + network + "/connect", body)).strip();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "berth-test-none | {\"Container\":\"berth-test-box\"} | 404 network berth-test-none not found",
        "berth-test-a | {\"Container\":\"berth-test-nobody\"} | 404 No such container: berth-test-nobody",
        "berth-test-a | {\"Container\":\"\"} | 400 invalid name or ID supplied: \"\"",
        "host | {\"Container\":\"berth-test-box\"} | 400 cannot connect container to host network - container must be created in host network mode",
        "none | {\"Container\":\"berth-test-box\"}"
            + " | 400 container cannot be connected to multiple networks with one of the networks in private (none) mode",
        "berth-test-a | {\"Container\":\"berth-test-box\",\"EndpointConfig\":{\"MacAddress\":\"x\"}} | 400 invalid MAC address x",
        "berth-test-a | {\"Container\":\"berth-test-box\",\"EndpointConfig\":{\"IPAMConfig\":{\"IPv4Address\":\"10.9.0.1\"}}}"
            + " | 400 invalid endpoint settings:~no configured subnet or ip-range contain the IP address 10.9.0.1",
        "berth-test-a | {\"Container\":\"berth-test-box\",\"EndpointConfig\":{\"IPAMConfig\":{\"IPv6Address\":\"fd00::1\"}}}"
            + " | 400 invalid endpoint settings:~user specified IP address is supported only when connecting to networks with user configured subnets"})
    void whatCannotBeConnectedIsRefused(String network, String body, String expected) {
        started(BOX);
        assertEquals(expected.replace('~', '\n'), connect(network, body));
    }

    @Test
    void aContainerOfTheHostsNetworkHasNoOther() {
        started(BOX, "--network", "host");
        assertEquals("400 container sharing network namespace with another container or host cannot be connected to any other network",
                connect(A, "{\"Container\":\"" + BOX + "\"}"));
        assertEquals("400 cannot disconnect container from host network - container was created in host network mode",
                answer(post("/networks/host/disconnect", "{\"Container\":\"" + BOX + "\"}")));
    }

    @Test
    void aContainerWithItsNetworkDisabledJoinsNone() {
        engine.requireBerth("the reference takes it and does nothing");
        String id = create("{\"Image\":\"" + IMAGE + "\",\"NetworkDisabled\":true,\"Labels\":{\"" + MARK + "\":\"\"}}");
        assertTrue(connect(A, "{\"Container\":\"" + id + "\"}").startsWith("400 container "), connect(A, "{\"Container\":\"" + id + "\"}"));
    }

    @Test
    void whoLeavesTheNetworkNoneCanHaveOthers() {
        started(BOX, "--network", "none");
        assertTrue(connect(A, "{\"Container\":\"" + BOX + "\"}").startsWith("400 container cannot be connected to multiple networks"));
        docker("network", "disconnect", "none", BOX).succeeded();
        docker("network", "connect", A, BOX).succeeded();
        assertEquals("[" + A + "] 10.231.0.2", networksOf(BOX) + " " + endpoint(BOX, A).path("IPAddress").asText());
    }

    @Test
    void aContainerWithAnothersNetworkHasItsAddressesAndNames() {
        String other = created(BOX, "--network", A);
        String id = created(BOX + "-2", "--network", "container:" + BOX);
        assertEquals("container:" + other, inspect(id, ".HostConfig.NetworkMode"));
        assertEquals("409 cannot join network namespace of a non running container: container " + BOX + " is created",
                answer(post("/containers/" + id + "/start", "")));
        docker("start", BOX).succeeded();
        docker("start", id).succeeded();
        assertEquals(exec(BOX, "readlink /proc/self/ns/net"), exec(id, "readlink /proc/self/ns/net"));
        assertEquals(other.substring(0, 12), exec(id, "hostname"));
        assertEquals(exec(BOX, "cat /etc/hosts /etc/resolv.conf /etc/hostname"), exec(id, "cat /etc/hosts /etc/resolv.conf /etc/hostname"));
        assertEquals(List.of(), networksOf(id));
        assertEquals(inspect(BOX, ".HostsPath"), inspect(id, ".HostsPath"));
        assertEquals("400 container sharing network namespace with another container or host cannot be connected to any other network",
                connect(B, "{\"Container\":\"" + id + "\"}"));
        docker("network", "connect", B, BOX).succeeded(); // which both see
        assertTrue(exec(id, "cat /etc/hosts").contains("10.231.1.2"), exec(id, "cat /etc/hosts"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "\"Hostname\":\"x\" | {} | hostname and the network mode",
        "\"ExposedPorts\":{\"80/tcp\":{}} | {} | port exposing and the container type network mode",
        "\"User\":\"\" | {\"Dns\":[\"1.1.1.1\"]} | dns and the network mode",
        "\"User\":\"\" | {\"ExtraHosts\":[\"a:1.1.1.1\"]} | custom host-to-IP mapping and the network mode",
        "\"User\":\"\" | {\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"1\"}]}} | port publishing and the container type network mode",
        "\"User\":\"\" | {\"Links\":[\"berth-test-box:x\"]} | container type network can't be used with links. This would result in undefined behavior"})
    void whatBelongsToTheOthersNetworkCannotBeAskedFor(String config, String host, String conflict) {
        created(BOX);
        String mode = "\"NetworkMode\":\"container:" + BOX + "\"";
        String hostConfig = host.equals("{}") ? "{" + mode + "}" : "{" + mode + "," + host.substring(1);
        String body = "{\"Image\":\"" + IMAGE + "\"," + config + ",\"HostConfig\":" + hostConfig + "}";
        assertEquals("400 conflicting options: " + conflict, answer(post("/containers/create", body)));
    }

    @Test
    void namesOfTheHostAreAddedWithItsAddress() {
        String gateway = json(engine.get("/v1.51/networks/bridge")).path("IPAM").path("Config").path(0).path("Gateway").asText();
        started(BOX, "--network", A, "--add-host", "out:host-gateway", "--add-host", "db:10.0.0.9", "--add-host", "six:fd00::9");
        assertTrue(exec(BOX, "cat /etc/hosts").contains(gateway + "\tout\n10.0.0.9\tdb\nfd00::9\tsix\n"), exec(BOX, "cat /etc/hosts"));
        assertFails(125, "invalid", run("--add-host", "x:nope", IMAGE, "true"));
    }

    @Test
    void resolversThatWereAskedForAreBehindTheEngines() {
        started(BOX, "--network", A, "--dns", "10.0.0.53", "--dns-search", "a.example", "--dns-option", "timeout:2");
        String file = exec(BOX, "cat /etc/resolv.conf");
        assertTrue(file.contains("nameserver 127.0.0.11\nsearch a.example\noptions timeout:2 ndots:0\n"), file);
        assertTrue(file.contains("# ExtServers: [10.0.0.53]\n# Overrides: [nameservers search options]\n"), file);
    }

    @Test
    void aNetworkSaysWhereItsPortsArePublished() {
        network("berth-test-c", "-o", "com.docker.network.bridge.host_binding_ipv4=127.0.0.5");
        started(BOX, "--network", "berth-test-c", "-p", "80", "-p", "17701:81/udp", "-p", "0.0.0.0:17702:82");
        assertEquals("80/tcp -> 127.0.0.5:N\n81/udp -> 127.0.0.5:17701\n82/tcp -> 0.0.0.0:17702",
                docker("port", BOX).succeeded().strip().replaceFirst("(80/tcp -> .*:)[0-9]+", "$1N"));
        docker("network", "connect", "--gw-priority", "1", A, BOX).succeeded(); // which publishes everywhere
        assertTrue(docker("port", BOX, "81/udp").succeeded().contains("0.0.0.0:17701"), docker("port", BOX).out());
        docker("network", "disconnect", A, BOX).succeeded();
        assertEquals("127.0.0.5:17701", docker("port", BOX, "81/udp").succeeded().strip());
    }

    @Test
    void whoHasRunIsFoundByTheIdOfItsPredefinedNetwork() {
        String bridge = shown("bridge").path("Id").asText();
        String never = created(BOX);
        assertEquals(List.of(never), listed("bridge"));
        assertEquals(List.of(), listed(bridge));
        docker("start", BOX).succeeded();
        docker("stop", "-t", "0", BOX).succeeded();
        assertEquals(List.of(never), listed(bridge.substring(0, 12)));
    }

    @Test
    void whoIsConnectedBeforeItsFirstStartHasItsNamesThere() {
        String id = created(BOX, "--network", B);
        docker("network", "connect", "--alias", "q", A, BOX).succeeded();
        assertEquals("null", endpoint(BOX, B).path("DNSNames").toString());
        assertEquals("'' [\"" + BOX + "\",\"q\",\"" + id.substring(0, 12) + "\"]",
                "'" + endpoint(BOX, A).path("NetworkID").asText() + "' " + endpoint(BOX, A).path("DNSNames"));
    }

    @Test
    void theNetworkOfTheModeIsMissedByItsName() {
        created(BOX, "--network", "berth-test-none");
        assertEquals("404 failed to set up container networking: network berth-test-none not found", answer(post("/containers/" + BOX + "/start", "")));
        engine.requireBerth("the reference says one or the other, as it happens to look for its networks");
        docker("network", "connect", A, BOX).succeeded();
        assertEquals("404 failed to set up container networking: could not find a network matching network mode berth-test-none: network berth-test-none"
                + " not found", answer(post("/containers/" + BOX + "/start", "")));
    }
}
