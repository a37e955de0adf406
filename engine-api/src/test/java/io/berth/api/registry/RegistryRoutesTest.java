package io.berth.api.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.api.FakeRegistries;
import io.berth.api.http.Filters;
import io.berth.api.http.RawClient;
import io.berth.api.http.Router;
import io.berth.api.http.TestServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RegistryRoutesTest {
    private final FakeRegistries registries = new FakeRegistries();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new RegistryRoutes(registries).addTo(router);
        server = new TestServer(router);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void credentialsAreAcceptedOrRefused() throws IOException {
        assertEquals("{\"Status\":\"Login Succeeded\",\"IdentityToken\":\"\"}\n", client.post("/auth", "{\"password\":\"right\"}").body());
        assertEquals(401, client.post("/auth", "{\"password\":\"wrong\"}").status());
    }

    @Test
    void aSearchIsAnsweredInTheReferencesShape() throws IOException {
        assertEquals("[{\"star_count\":3,\"is_official\":true,\"name\":\"busybox\",\"is_automated\":false,\"description\":\"small\"}]\n",
                client.get("/images/search?term=busy&filters=%7B%22stars%22%3A%5B%223%22%5D%7D").body());
        client.get("/images/search?term=busy&limit=7");
        assertEquals(List.of(new SearchImages("busy", 25, new Filters(Map.of("stars", List.of("3"))), ""), new SearchImages("busy", 7, Filters.NONE, "")),
                registries.asked);
    }

    @Test
    void aSearchRefusesWhatItDoesNotKnow() throws IOException {
        assertEquals("{\"message\":\"limit 200 is outside the range of [1, 100]\"}\n", client.get("/images/search?term=x&limit=200").body());
        assertEquals(400, client.get("/images/search?term=x&limit=-1").status());
        assertEquals("{\"message\":\"invalid limit specified: strconv.Atoi: parsing \\\"abc\\\": invalid syntax\"}\n",
                client.get("/images/search?term=x&limit=abc").body());
        assertEquals("{\"message\":\"invalid filter 'foo'\"}\n", client.get("/images/search?term=x&filters=%7B%22foo%22%3A%5B%22a%22%5D%7D").body());
    }

    @Test
    void aDistributionIsAskedForWithTheHeadersCredentials() throws IOException {
        assertEquals("{\"Descriptor\":{\"mediaType\":\"type\",\"digest\":\"sha256:1\",\"size\":2},\"Platforms\":[{\"architecture\":\"amd64\",\"os\":\"linux\"}]}\n",
                client.send("GET /distribution/host:5000/a/b:1/json HTTP/1.1\r\nX-Registry-Auth: abc\r\n\r\n").readResponse().body());
        assertEquals(List.of("host:5000/a/b:1 abc"), registries.asked);
    }
}
