package io.berth.api.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.api.http.ApiException;
import io.berth.api.http.RawClient;
import io.berth.api.http.Router;
import io.berth.api.http.TestServer;
import io.berth.api.wire.verify.VerifyFinding;
import io.berth.api.wire.verify.VerifySummary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VerifyRoutesTest {
    private final List<VerifyStore> asked = new ArrayList<>();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new VerifyRoutes((request, findings) -> {
            asked.add(request);
            findings.write(new VerifyFinding("damage", List.of("app:1 (0123)"), "sha256:1", "", "/etc/motd", "is missing", false, "", "all of it"));
            if (request.deep()) {
                throw ApiException.invalid("too deep");
            }
            return new VerifySummary(1, 2, 3, 4, 1, 0, 0, 0, false);
        }).addTo(router);
        server = new TestServer(router);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private static final String FINDING = "{\"Finding\":{\"Kind\":\"damage\",\"Images\":[\"app:1 (0123)\"],\"Layer\":\"sha256:1\",\"File\":\"/etc/motd\","
            + "\"Problem\":\"is missing\",\"Mended\":false,\"Message\":\"all of it\"}}\n";

    @Test
    void everyFindingIsALineAndTheLastOneIsTheSum() throws IOException {
        assertEquals(FINDING + "{\"Summary\":{\"Images\":1,\"Blobs\":2,\"Bytes\":3,\"Layers\":4,\"Damage\":1,\"Mended\":0,\"Unreadable\":0,"
                + "\"Reclaimable\":0,\"Sound\":false}}\n", client.post("/berth/verify?repair=1", "").body());
        assertEquals(List.of(new VerifyStore(true, false, "")), asked);
    }

    @Test
    void whatEndsItIsTheLastLine() throws IOException {
        assertEquals(FINDING + "{\"Error\":\"too deep\"}\n",
                client.send("POST /berth/verify?deep=1 HTTP/1.1\r\nX-Registry-Auth: abc\r\nContent-Length: 0\r\n\r\n").readResponse().body());
        assertEquals(List.of(new VerifyStore(false, true, "abc")), asked);
    }
}
