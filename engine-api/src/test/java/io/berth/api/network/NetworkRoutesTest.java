package io.berth.api.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.api.FakeNetworks;
import io.berth.api.http.RawClient.Response;
import io.berth.api.http.Router;
import io.berth.api.http.TestServer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NetworkRoutesTest {
    private static final String BEFORE_CONTAINERS = "{\"Name\":\"there\",\"Id\":\"n1\",\"Created\":\"2026-03-01T12:00:00Z\",\"Scope\":\"local\","
            + "\"Driver\":\"bridge\",\"EnableIPv4\":true,\"EnableIPv6\":false,\"IPAM\":{\"Driver\":\"default\",\"Options\":null,\"Config\":"
            + "[{\"Subnet\":\"10.1.0.0/16\",\"Gateway\":\"10.1.0.1\"}]},\"Internal\":false,\"Attachable\":false,\"Ingress\":false,"
            + "\"ConfigFrom\":{\"Network\":\"\"},\"ConfigOnly\":false,\"Containers\":";

    private final FakeNetworks networks = new FakeNetworks();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new NetworkRoutes(networks).addTo(router);
        server = new TestServer(router);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void aListIsServedWithAndWithoutASlashBehindIt() throws IOException {
        String list = "[" + BEFORE_CONTAINERS + "{},\"Options\":{},\"Labels\":{}}]\n";
        assertEquals(list, server.call("GET", "/networks", "").body());
        assertEquals(list, server.call("GET", "/v1.51/networks/?filters={\"name\":[\"th\"]}", "").body());
        assertEquals(List.of("list {}", "list {name=[th]}"), networks.asked);
    }

    @Test
    void oneNetworkIsShownWithItsContainers() throws IOException {
        assertEquals(BEFORE_CONTAINERS + "{\"c1\":{\"Name\":\"web\",\"EndpointID\":\"e1\",\"MacAddress\":\"02:00:00:00:00:01\","
                + "\"IPv4Address\":\"10.1.0.2/16\",\"IPv6Address\":\"\"}},\"Options\":{},\"Labels\":{}}\n",
                server.call("GET", "/networks/there?verbose=true&scope=local", "").body());
        assertEquals(404, server.call("GET", "/networks/a/b", "").status());
        assertEquals(List.of("inspect there local", "inspect a/b -"), networks.asked);
    }

    @Test
    void verboseIsATruthValue() throws IOException {
        assertEquals(200, server.call("GET", "/networks/there?verbose=", "").status());
        assertEquals("{\"message\":\"invalid value for verbose: yes: strconv.ParseBool: parsing \\\"yes\\\": invalid syntax\"}\n",
                server.call("GET", "/networks/there?verbose=yes", "").body());
    }

    @Test
    void whatIsNotGivenDiffersFromWhatIsGivenEmpty() throws IOException {
        assertEquals("{\"Id\":\"n2\",\"Warning\":\"\"}\n", server.call("POST", "/networks/create", "{\"Name\":\"n\"}").body());
        assertEquals(201, server.call("POST", "/networks/create", """
                {"Name":"n","CheckDuplicate":true,"Driver":"bridge","EnableIPv4":false,"EnableIPv6":true,"IPAM":{"Driver":"default","Options":{},
                "Config":[{"Subnet":"fd00::/64","AuxiliaryAddresses":{"a":"fd00::9"}}]},"ConfigFrom":{"Network":"c"},"Options":null,
                "Labels":{"x":null}}""").status());
        assertEquals(201, server.call("POST", "/networks/create", "").status());
        String nothing = "Ipam[driver=, options=null, config=[]]";
        assertEquals(List.of("create n  null null " + nothing + "  {} {}",
                "create n bridge false true Ipam[driver=default, options={}, config=[Range[subnet=fd00::/64, ipRange=, gateway=,"
                        + " auxiliaryAddresses={a=fd00::9}]]] c {} {x=}",
                "create   null null " + nothing + "  {} {}"), networks.asked);
    }

    @Test
    void connectAndDisconnectAnswerWithNothing() throws IOException {
        Response connected = server.call("POST", "/networks/there/connect", "{\"Container\":\"web\",\"EndpointConfig\":{\"Aliases\":[\"a\"]}}");
        assertEquals(200, connected.status());
        assertEquals("", connected.body());
        assertEquals(200, server.call("POST", "/networks/there/connect", "{\"Container\":\"web\",\"EndpointConfig\":null}").status());
        assertEquals(200, server.call("POST", "/networks/a/b/disconnect", "{\"Container\":\"web\",\"Force\":true}").status());
        assertEquals(List.of("connect there web [a]", "connect there web []", "disconnect a/b web true"), networks.asked);
    }

    @Test
    void aContainerHasToBeNamed() throws IOException {
        for (String path : List.of("/networks/there/connect", "/networks/there/disconnect")) {
            for (String body : List.of("", "{}", "{\"Container\":\"\"}", "{\"Container\":null}")) {
                Response refused = server.call("POST", path, body);
                assertEquals(400, refused.status());
                assertEquals("{\"message\":\"invalid name or ID supplied: \\\"\\\"\"}\n", refused.body());
            }
        }
    }

    @Test
    void removingAnswersWithNothingAndPruneWithNames() throws IOException {
        assertEquals(204, server.call("DELETE", "/networks/there", "").status());
        assertEquals("{\"NetworksDeleted\":[\"there\"]}\n", server.call("POST", "/networks/prune", "").body());
        assertEquals("{\"NetworksDeleted\":null}\n", server.call("POST", "/networks/prune?filters={\"label\":[\"x\"]}", "").body());
        assertEquals(List.of("remove there", "prune {}", "prune {label=[x]}"), networks.asked);
    }

    @Test
    void anUnknownFilterIsRefused() throws IOException {
        assertEquals("{\"message\":\"invalid filter 'label!'\"}\n", server.call("GET", "/networks?filters={\"label!\":[\"x\"]}", "").body());
        assertEquals("{\"message\":\"invalid filter 'name'\"}\n", server.call("POST", "/networks/prune?filters={\"name\":[\"x\"]}", "").body());
    }
}
