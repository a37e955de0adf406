package io.berth.api.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.FakeFiles;
import io.berth.api.http.RawClient;
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
class FileRoutesTest {

    private final FakeFiles files = new FakeFiles();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new FileRoutes(files).addTo(router);
        server = new TestServer(router);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void theFileIsToldInAHeaderInBase64() throws IOException {
        Response head = client.get("/containers/c/archive?path=/f");
        assertEquals(200, head.status());
        assertEquals("eyJuYW1lIjoiZiIsInNpemUiOjUsIm1vZGUiOjQyMCwibXRpbWUiOiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsImxpbmtUYXJnZXQiOiIifQ==",
                head.header("x-docker-container-path-stat"));
        assertEquals(List.of("c", "/f"), files.asked.getFirst());
    }

    @Test
    void pathMustBeGiven() throws IOException {
        assertEquals("{\"message\":\"bad parameter: pathcannot be empty\"}\n", client.get("/containers/c/archive?path=").body());
    }

    @Test
    void archiveThatBreaksOffDoesNotLookComplete() throws IOException {
        files.breaks = true;
        client.send("GET /containers/c/archive?path=/f HTTP/1.1\r\nHost: d\r\n\r\n").readHead();
        assertEquals("archive", client.readChunk());
        assertEquals(0, client.readToEnd().length);
    }

    @Test
    void bodyIsPassedOnWithTheRules() throws IOException {
        client.send("PUT /containers/c/archive?path=/d&noOverwriteDirNonDir=true&copyUIDGID=1 HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n\r\ntar");
        assertEquals(200, client.readResponse().status());
        assertEquals(List.of(new ExtractArchive("c", "/d", true, true), "tar"), files.asked);
    }

    @Test
    void noChangesAreNull() throws IOException {
        assertEquals("null\n", client.get("/containers/same/changes").body());
        assertEquals("[{\"Path\":\"/f\",\"Kind\":1}]\n", client.get("/containers/other/changes").body());
    }

    @Test
    void commitReadsItsParameters() throws IOException {
        Response made = client.post("/commit?container=c&repo=r&tag=t&comment=why&author=me&pause=0&changes=CMD%20a%0AENV%20b=c", "");
        assertEquals(201, made.status());
        CommitContainer request = (CommitContainer) files.asked.getFirst();
        assertEquals(List.of("c", "r", "t", "why", "me", List.of("CMD a\nENV b=c")),
                List.of(request.container(), request.repository(), request.tag(), request.comment(), request.author(), request.changes()));
        assertTrue(!request.pause() && request.config().isEmpty());
    }
}
