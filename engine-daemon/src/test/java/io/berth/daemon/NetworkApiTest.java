package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks, by the docker CLI and the API: made, shown, chosen, removed. */
class NetworkApiTest extends NetworkTest {

    @Test
    void threeNetworksAreAlwaysThere() {
        assertEquals("bridge bridge local\nhost host local\nnone null local",
                docker("network", "ls", "--filter", "type=builtin", "--format", "{{.Name}} {{.Driver}} {{.Scope}}").succeeded().lines().sorted()
                        .reduce((before, line) -> before + "\n" + line).orElse(""));
        JsonNode none = shown("none");
        assertEquals("null|[]|{\"Driver\":\"default\",\"Options\":null,\"Config\":null}", none.path("Driver").asText() + "|"
                + none.path("Containers").properties() + "|" + none.path("IPAM"));
        assertEquals(json(engine.get("/v1.51/networks")).size(), json(engine.get("/v1.51/networks/")).size());
    }

    @Test
    void aNetworkIsMadeShownAndRemoved() {
        String id = network(A, "--label", "a=b", "--internal", "--attachable", "--opt", "com.docker.network.driver.mtu=1400");
        assertTrue(id.matches("[0-9a-f]{64}"), id);
        JsonNode shown = shown(A);
        assertEquals(id, shown.path("Id").asText());
        assertEquals("local bridge true false true true false", shown.path("Scope").asText() + " " + shown.path("Driver").asText() + " "
                + shown.path("EnableIPv4") + " " + shown.path("EnableIPv6") + " " + shown.path("Internal") + " " + shown.path("Attachable") + " "
                + shown.path("Ingress"));
        assertEquals("{\"a\":\"b\"} {\"com.docker.network.driver.mtu\":\"1400\"} {\"Network\":\"\"} false {}", shown.path("Labels") + " "
                + shown.path("Options") + " " + shown.path("ConfigFrom") + " " + shown.path("ConfigOnly") + " " + shown.path("Containers"));
        JsonNode pool = shown.path("IPAM").path("Config").get(0);
        assertTrue(pool.path("Subnet").asText().matches("[0-9.]+/(16|20)"), pool.toString());
        assertEquals(pool.path("Subnet").asText().replaceFirst("\\.0/\\d+$", ".1"), pool.path("Gateway").asText());
        assertEquals(id, shown(id.substring(0, 12)).path("Id").asText());
        assertEquals("409 network with name " + A + " already exists", answer(post("/networks/create", "{\"Name\":\"" + A + "\"}")));
        docker("network", "rm", A).succeeded();
        assertEquals("404 network " + A + " not found", answer(engine.get("/v1.51/networks/" + A)));
        assertEquals("404 network " + A + " not found", answer(engine.request("DELETE", "/v1.51/networks/" + A, "")));
    }

    @Test
    void subnetsThatWereAskedForAreShownAsTheyWereAskedFor() {
        network(A, "--subnet", "10.231.0.0/24", "--ip-range", "10.231.0.128/25", "--gateway", "10.231.0.254", "--aux-address", "router=10.231.0.9",
                "--ipam-opt", "x=y");
        assertEquals("{\"Driver\":\"default\",\"Options\":{\"x\":\"y\"},\"Config\":[{\"Subnet\":\"10.231.0.0/24\",\"IPRange\":\"10.231.0.128/25\","
                + "\"Gateway\":\"10.231.0.254\",\"AuxiliaryAddresses\":{\"router\":\"10.231.0.9\"}}]}", shown(A).path("IPAM").toString());
        // the CLI would send them in any order
        assertEquals(201, post("/networks/create", "{\"Name\":\"" + B + "\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"10.231.1.0/24\"},"
                + "{\"Subnet\":\"fd00:231::/64\"}]}}").status());
        assertEquals("[{\"Subnet\":\"10.231.1.0/24\"},{\"Subnet\":\"fd00:231::/64\"}]", shown(B).path("IPAM").path("Config").toString());
        assertEquals("true", shown(B).path("EnableIPv6").toString());
    }

    @Test
    void whereNoSubnetWasAskedForThePoolsHaveOneOfEachFamily() {
        assertEquals(201, post("/networks/create", "{\"Name\":\"" + A + "\",\"EnableIPv4\":false,\"EnableIPv6\":true}").status());
        JsonNode only = shown(A);
        assertEquals("false true 1", only.path("EnableIPv4") + " " + only.path("EnableIPv6") + " " + only.path("IPAM").path("Config").size());
        JsonNode pool = only.path("IPAM").path("Config").get(0);
        assertTrue(pool.path("Subnet").asText().matches("fd[0-9a-f:]+/64"), pool.toString());
        assertEquals(pool.path("Subnet").asText().replace("/64", "1"), pool.path("Gateway").asText());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "{} | 400 invalid name: name is empty",
        "{\"Name\":\"bridge\"} | 403 operation is not permitted on predefined bridge network",
        "{\"Name\":\"default\"} | 403 operation is not permitted on predefined default network",
        "{\"Name\":\"berth-test-a\",\"Driver\":\"host\"} | 403 only one instance of \"host\" network is allowed",
        "{\"Name\":\"berth-test-a\",\"Driver\":\"null\"} | 403 only one instance of \"null\" network is allowed",
        "{\"Name\":\"berth-test-a\",\"Scope\":\"swarm\"} | 403 cannot create a swarm scoped network when swarm is not active",
        "{\"Name\":\"berth-test-a\",\"Ingress\":true} | 403 Ingress network can only be global scope network",
        "{\"Name\":\"berth-test-a\",\"EnableIPv4\":false} | 400 IPv4 or IPv6 must be enabled",
        "{\"Name\":\"berth-test-a\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.9.0.0/33\"}]}}"
            + " | 400 invalid network config:~invalid subnet 10.9.0.0/33: invalid CIDR block notation",
        "{\"Name\":\"berth-test-a\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.9.0.5/24\"}]}}"
            + " | 400 invalid network config:~invalid subnet 10.9.0.5/24: it should be 10.9.0.0/24",
        "{\"Name\":\"berth-test-a\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.9.0.0/24\",\"Gateway\":\"10.8.0.1\"}]}}"
            + " | 400 invalid network config:~invalid gateway 10.8.0.1: parent subnet 10.9.0.0/24 doesn't contain this address",
        "{\"Name\":\"berth-test-a\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.9.0.0/24\",\"Gateway\":\"zz\",\"AuxiliaryAddresses\":{\"a\":\"x\"}}]}}"
            + " | 400 invalid network config:~* invalid gateway zz: invalid address~* invalid auxiliary address a: invalid address",
        "{\"Name\":\"berth-test-a\",\"Options\":{\"com.docker.network.driver.mtu\":\"x\"}}"
            + " | 400 failed to parse com.docker.network.driver.mtu value: x (strconv.Atoi: parsing \"x\": invalid syntax)",
        "{\"Name\":\"berth-test-a\",\"Options\":{\"com.docker.network.bridge.enable_icc\":\"x\"}}"
            + " | 400 failed to parse com.docker.network.bridge.enable_icc value: x (strconv.ParseBool: parsing \"x\": invalid syntax)",
        "{\"Name\":\"berth-test-a\",\"ConfigFrom\":{\"Network\":\"berth-test-x\"}} | 404 configuration network \"berth-test-x\" does not exist"})
    void whatMakesNoSenseIsRefused(String body, String expected) {
        assertEquals(expected.replace('~', '\n').strip(), answer(post("/networks/create", body)).strip());
    }

    @Test
    void subnetsOfTwoNetworksDoNotOverlap() {
        network(A, "--subnet", "10.231.0.0/24");
        assertEquals("403 invalid pool request: Pool overlaps with other one on this address space",
                answer(post("/networks/create", "{\"Name\":\"" + B + "\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.231.0.0/25\"}]}}")));
    }

    @Test
    void aTemplateIsNoNetworkAndOthersAreMadeAfterIt() {
        network(A, "--config-only", "--subnet", "10.231.7.0/24", "--label", "l=1", "--opt", "com.docker.network.driver.mtu=1400");
        assertEquals("null true", shown(A).path("Driver").asText() + " " + shown(A).path("ConfigOnly"));
        network(B, "--config-from", A);
        JsonNode made = shown(B);
        assertEquals("bridge {\"Network\":\"" + A + "\"} [{\"Subnet\":\"10.231.7.0/24\"}] {\"com.docker.network.driver.mtu\":\"1400\"} {\"l\":\"1\"}",
                made.path("Driver").asText() + " " + made.path("ConfigFrom") + " " + made.path("IPAM").path("Config") + " " + made.path("Options") + " "
                        + made.path("Labels"));
        assertEquals("403 error while removing network: configuration network \"" + A + "\" is in use",
                answer(engine.request("DELETE", "/v1.51/networks/" + A, "")));
        docker("network", "rm", B, A).succeeded();
    }

    @Test
    void filtersChooseAmongNetworks() {
        String a = network(A, "--label", "berth.kind=x");
        network(B);
        started("berth-test-in-b", "--network", B);
        assertEquals(List.of(A, B), list("name=berth-test"));
        assertEquals(List.of(A), list("name=^berth-test-a$"));
        assertEquals(List.of(A), list("id=" + a.substring(3, 20)));
        assertEquals(List.of(A), list("name=berth-test", "label=berth.kind=x"));
        if (!engine.isReference()) { // which does not look who is in a network before it says that nobody is
            assertEquals(List.of(A), list("name=berth-test", "dangling=true"));
            assertEquals(List.of(B), list("name=berth-test", "dangling=false"));
        }
        assertEquals(List.of(A, B), list("name=berth-test", "type=custom", "driver=bridge", "scope=local"));
        assertEquals(List.of(), list("name=berth-test", "scope=swarm"));
        assertFails(1, "invalid filter 'nonsense'", docker("network", "ls", "--filter", "nonsense=1"));
        assertFails(1, "invalid value for filter 'dangling'", docker("network", "ls", "--filter", "dangling=x"));
    }

    private static List<String> list(String... filters) {
        List<String> words = new ArrayList<>(List.of("network", "ls", "--format", "{{.Name}}"));
        for (String filter : filters) {
            words.addAll(List.of("--filter", filter));
        }
        return docker(words.toArray(String[]::new)).succeeded().lines().sorted().toList();
    }

    @Test
    void theBeginningOfAnIdHasToMeanOne() {
        network(A);
        List<String> ids = docker("network", "ls", "-q", "--no-trunc").succeeded().lines().toList();
        for (int i = 0; ids.size() == ids.stream().map(id -> id.charAt(0)).distinct().count() && i < 14; i++) {
            network("berth-test-more" + i);
            ids = docker("network", "ls", "-q", "--no-trunc").succeeded().lines().toList();
        }
        List<String> all = ids;
        String shared = all.stream().map(id -> id.substring(0, 1)).filter(digit -> all.stream().filter(id -> id.startsWith(digit)).count() > 1)
                .findFirst().orElseThrow();
        RawHttp.Answer refused = engine.request("DELETE", "/v1.51/networks/" + shared, "");
        assertTrue(answer(refused).matches("400 network " + shared + " is ambiguous \\(\\d+ matches found based on ID prefix\\)"), answer(refused));
    }

    @Test
    void aNetworkThatAContainerRunsInIsNotRemoved() {
        network(A);
        String id = started("berth-test-in", "--network", A);
        String endpoint = endpoint(id, A).path("EndpointID").asText().substring(0, 12);
        assertEquals("403 error while removing network: network " + A + " has active endpoints (name:\"berth-test-in\" id:\"" + endpoint + "\")",
                answer(engine.request("DELETE", "/v1.51/networks/" + A, "")));
        assertEquals("403 bridge is a pre-defined network and cannot be removed", answer(engine.request("DELETE", "/v1.51/networks/bridge", "")));
        docker("rm", "-f", id).succeeded();
        docker("network", "rm", A).succeeded();
    }

    @Test
    void pruneRemovesWhatNobodyIsIn() {
        network(A, "--label", "berth.test.prune=1");
        network(B, "--label", "berth.test.prune=2");
        started("berth-test-in", "--network", B);
        String filters = "/networks/prune?filters=%7B%22label%22:%5B%22berth.test.prune%22%5D";
        assertEquals("{\"NetworksDeleted\":null}", post(filters + ",%22until%22:%5B%221h%22%5D%7D", "").text().strip());
        assertEquals("{\"NetworksDeleted\":null}", post(filters + ",%22label!%22:%5B%22berth.test.prune%22%5D%7D", "").text().strip());
        assertEquals("{\"NetworksDeleted\":[\"" + A + "\"]}", post(filters + "%7D", "").text().strip());
        assertEquals("{\"NetworksDeleted\":null}", post(filters + "%7D", "").text().strip());
        assertEquals("400 failed to parse value as time or duration: \"x\"", answer(post("/networks/prune?filters=%7B%22until%22:%5B%22x%22%5D%7D", "")));
    }

    @Test
    void pruneLeavesTemplatesForNetworksToCome() {
        network(A, "--config-only", "--subnet", "10.231.7.0/24", "--label", "berth.test.prune=1");
        assertEquals("{\"NetworksDeleted\":null}",
                post("/networks/prune?filters=%7B%22label%22:%5B%22berth.test.prune%22%5D%7D", "").text().strip());
        docker("network", "rm", A).succeeded();
    }

    @Test
    void eventsTellOfNetworksAndWhoIsInThem() {
        String since = Long.toString(Instant.now().getEpochSecond());
        String network = network(A);
        String id = started("berth-test-in", "--network", A);
        docker("network", "disconnect", A, id).succeeded();
        docker("network", "rm", A).succeeded();
        String filters = "%7B%22type%22:%5B%22network%22%5D,%22network%22:%5B%22" + network + "%22%5D%7D";
        String until = Long.toString(Instant.now().getEpochSecond() + 1);
        List<String> told = engine.get("/v1.51/events?since=" + since + "&until=" + until + "&filters=" + filters).text().lines()
                .map(ContainerTest::json).map(event -> event.path("Action").asText() + " " + event.path("Actor").path("Attributes")).toList();
        String who = "\"name\":\"" + A + "\",\"type\":\"bridge\"}";
        String container = "{\"container\":\"" + id + "\",";
        assertEquals(List.of("create {" + who, "connect " + container + who, "disconnect " + container + who, "destroy {" + who), told);
    }

    @Test
    void theBeginningOfSeveralIdsIsAmbiguous() {
        List<String> ids = new ArrayList<>();
        // one digit has sixteen values
        for (int i = 0; ids.stream().map(id -> id.charAt(0)).distinct().count() == ids.size(); i++) {
            ids.add(network("berth-test-" + i, "--subnet", "10.231." + i + ".0/24"));
        }
        String digit = ids.getLast().substring(0, 1);
        long fitting = docker("network", "ls", "-q").succeeded().lines().filter(id -> id.startsWith(digit)).count();
        assertEquals("400 " + fitting + " matches found based on ID prefix: network " + digit + " is ambiguous", answer(engine.get("/networks/" + digit)));
        assertEquals("400 network " + digit + " is ambiguous (" + fitting + " matches found based on ID prefix)",
                answer(engine.request("DELETE", "/networks/" + digit, "")));
    }
}
