package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Links in user-defined networks ({@code --link}): names for others of the network that one container alone has. */
class NetworkLinksTest extends NetworkTest {

    private static final String TARGET = "berth-test-target";
    private static final String CHILD = "berth-test-child";

    @BeforeEach
    void makeNetworks() {
        network(A, "--subnet", "10.231.0.0/24");
        network(B, "--subnet", "10.231.1.0/24");
        started(TARGET, "--network", A);
    }

    private static String address(String container, String network) {
        return endpoint(container, network).path("IPAddress").asText();
    }

    /** The addresses that a container finds for a name. */
    private static List<String> lookUp(String container, String name) {
        // the answers follow an empty line; in front of it is the server's own address
        String out = docker("exec", container, "timeout", "3", "nslookup", "-type=a", name, "127.0.0.11").out();
        return out.substring(Math.max(0, out.indexOf("\n\n"))).lines().filter(line -> line.startsWith("Address: "))
                .map(line -> line.substring("Address: ".length())).sorted().toList();
    }

    @Test
    void aLinkIsANameThatTheOthersDoNotHave() {
        started(CHILD, "--network", A, "--link", TARGET + ":store", "--link", TARGET);
        started("berth-test-other", "--network", A);
        List<String> target = List.of(address(TARGET, A));
        assertEquals(target, lookUp(CHILD, "store"));
        assertEquals(target, lookUp(CHILD, "store." + A));
        assertEquals(target, lookUp(CHILD, TARGET));
        assertEquals(List.of(), lookUp("berth-test-other", "store"));
        JsonNode shown = json(engine.get("/v1.51/containers/" + CHILD + "/json"));
        assertEquals("[\"" + TARGET + ":store\",\"" + TARGET + "\"]", shown.path("NetworkSettings").path("Networks").path(A).path("Links").toString());
        assertEquals("null", shown.path("HostConfig").path("Links").toString());
        assertEquals(0, exec(CHILD, "cat /etc/hosts").lines().filter(line -> line.contains("store")).count());
    }

    @Test
    void aLinkFollowsItsTargetAndIsKeptThroughStops() {
        started(CHILD, "--network", A, "--link", TARGET + ":store");
        docker("stop", "-t", "0", TARGET).succeeded();
        assertEquals(List.of(), lookUp(CHILD, "store"));
        started("berth-test-second", "--network", A); // has the former address
        docker("start", TARGET).succeeded();
        assertEquals(List.of(address(TARGET, A)), lookUp(CHILD, "store"));
        docker("restart", "-t", "0", CHILD).succeeded();
        assertEquals(List.of(address(TARGET, A)), lookUp(CHILD, "store"));
        docker("rename", TARGET, "berth-test-renamed").succeeded();
        assertEquals(List.of(), lookUp(CHILD, "store"), "it was linked to by its name");
        docker("rename", "berth-test-second", TARGET).succeeded();
        assertEquals(List.of(address(TARGET, A)), lookUp(CHILD, "store"), "which another one has now");
        docker("rename", CHILD, "berth-test-kid").succeeded();
        assertEquals(List.of(address(TARGET, A)), lookUp("berth-test-kid", "store"));
    }

    @Test
    void aLinkIsOfOneNetworkAndComesWithItsConnection() {
        started(CHILD, "--network", B);
        docker("network", "connect", "--link", TARGET + ":store", A, CHILD).succeeded();
        assertEquals(List.of(address(TARGET, A)), lookUp(CHILD, "store"));
        docker("network", "disconnect", A, CHILD).succeeded();
        assertEquals(List.of(), lookUp(CHILD, "store"));
        docker("network", "connect", "--link", "berth-test-far:store", A, CHILD).succeeded();
        started("berth-test-far", "--network", B);
        assertEquals(List.of(), lookUp(CHILD, "store"), "who is in another network only");
    }

    @Test
    void aTargetThatIsNotThereKeepsNobodyFromStarting() {
        started(CHILD, "--network", A, "--link", "berth-test-later:store", "--link", "berth-test-later:" + TARGET);
        assertEquals(List.of(), lookUp(CHILD, TARGET), "a link hides who has the name");
        started("berth-test-later", "--network", A);
        assertEquals(List.of(address("berth-test-later", A)), lookUp(CHILD, "store"));
        assertEquals(List.of(address("berth-test-later", A)), lookUp(CHILD, TARGET));
    }

    @Test
    void ofTwoLinksByOneAliasTheLastCountsAndAShortIdIsAName() {
        String second = started("berth-test-second", "--network", A);
        started(CHILD, "--network", A, "--link", TARGET + ":x", "--link", second.substring(0, 12) + ":x");
        assertEquals(List.of(address("berth-test-second", A)), lookUp(CHILD, "x"));
    }

    @Test
    void linksOfTheHostConfigurationAreThoseOfItsNetwork() {
        engine.requireBerth("the reference takes them and does nothing");
        String id = json(post("/containers/create?name=" + CHILD, "{\"Image\":\"" + IMAGE + "\",\"Cmd\":[\"sleep\",\"1000\"],\"Labels\":{\"" + MARK
                + "\":\"\"},\"HostConfig\":{\"NetworkMode\":\"" + A + "\",\"Links\":[\"" + TARGET + ":store\"]}}")).path("Id").asText();
        docker("start", id).succeeded();
        assertEquals(List.of(address(TARGET, A)), lookUp(CHILD, "store"));
        assertEquals("[\"" + TARGET + ":store\"]", endpoint(CHILD, A).path("Links").toString());
    }

    @Test
    void aLinkThatCannotBeReadIsRefusedAtOnce() {
        engine.requireBerth("the reference refuses the start, and takes links of connections to the default bridge for nothing");
        assertEquals("400 invalid config for network " + A + ": invalid endpoint settings:\nbad format for links: a:b:c",
                answer(post("/containers/create", "{\"Image\":\"" + IMAGE + "\",\"HostConfig\":{\"NetworkMode\":\"" + A + "\"},\"NetworkingConfig\":{"
                        + "\"EndpointsConfig\":{\"" + A + "\":{\"Links\":[\"a:b:c\"]}}}}")));
        assertEquals("400 invalid endpoint settings:\nlinks of a connection are supported only in user defined networks; those of the default bridge are"
                + " made with the container", answer(post("/networks/bridge/connect", "{\"Container\":\"" + TARGET + "\",\"EndpointConfig\":{\"Links\":[\"x:y\"]}}")));
    }
}
