package io.berth.api.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.FakeImages;
import io.berth.api.http.Filters;
import io.berth.api.http.RawClient;
import io.berth.api.http.RawClient.Response;
import io.berth.api.http.Router;
import io.berth.api.http.TestServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ImageRoutesTest {
    private final FakeImages images = new FakeImages();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new ImageRoutes(images).addTo(router);
        server = new TestServer(router);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void namesWithSlashesReachTheOperation() throws IOException {
        assertEquals(200, client.get("/images/docker.io/library/there:1/json").status());
        assertEquals("[]\n", client.get("/images/docker.io%2Flibrary%2Fthere:1/history").body());
        Response missing = client.get("/images/nope/json");
        assertEquals(404, missing.status());
        assertEquals("{\"message\":\"No such image: nope:latest\"}\n", missing.body());
    }

    @Test
    void tagAndRemoveAnswerAsTheReference() throws IOException {
        assertEquals(201, client.post("/images/docker.io/library/there:1/tag?repo=r&tag=t", "").status());
        Response removed = client.send("DELETE /images/docker.io/library/there:1?force=1&noprune=1 HTTP/1.1\r\n\r\n").readResponse();
        assertEquals("[{\"Untagged\":\"there:1\"},{\"Deleted\":\"sha256:1\"}]\n", removed.body());
        assertEquals(List.of("r t", new RemoveImage("docker.io/library/there:1", true, false, List.of())), images.asked);
    }

    @Test
    void pruneAndListReadWhatTheirVersionKnows() throws IOException {
        Response pruned = client.post("/images/prune?filters=%7B%22dangling%22%3A%5B%22false%22%5D%7D", "");
        assertEquals("{\"ImagesDeleted\":[{\"Deleted\":\"sha256:1\"}],\"SpaceReclaimed\":7}\n", pruned.body());
        client.get("/v1.40/images/json?filter=a&shared-size=1&manifests=1");
        client.get("/v1.51/images/json?filter=a&shared-size=1&manifests=1&all=1");
        assertEquals(List.of(new Filters(Map.of("dangling", List.of("false"))),
                new ListImages(false, false, false, new Filters(Map.of("reference", List.of("a")))),
                new ListImages(true, true, true, Filters.NONE)), images.asked);
    }

    @Test
    void loadTellsEveryFailureInItsStream() throws IOException {
        assertEquals("{\"stream\":\"Loaded image: a:b\\n\"}\r\n", post("/images/load", "a:b").body());
        Response bad = post("/images/load?quiet=0", "bad");
        assertEquals(200, bad.status());
        assertEquals("application/json", bad.header("content-type"));
        assertEquals("{\"errorDetail\":{\"message\":\"read the archive: not a tar\"},\"error\":\"read the archive: not a tar\"}\r\n", bad.body());
        assertEquals(List.of(new LoadImages(true, List.of()), new LoadImages(false, List.of())), images.asked);
    }

    @Test
    void importFailsWithAStatusUntilItHasBegun() throws IOException {
        Response bad = post("/images/create?fromSrc=-", "bad");
        assertEquals(400, bad.status());
        assertEquals("{\"message\":\"read the archive: not a tar\"}\n", bad.body());
        Response late = post("/images/create?fromSrc=-", "late");
        assertEquals(200, late.status());
        assertEquals("{\"status\":\"begun\"}\r\n{\"errorDetail\":{\"message\":\"read the archive: it breaks off\"},"
                + "\"error\":\"read the archive: it breaks off\"}\r\n", late.body());
        Response bug = post("/images/create?fromSrc=-", "bug");
        assertTrue(bug.body().endsWith("\"error\":\"internal error of the engine, see its log\"}\r\n"), bug.body());
    }

    @Test
    void importReadsItsParameters() throws IOException {
        post("/images/create?fromSrc=-&repo=r&tag=t&message=m&changes=CMD+a%0AENV+x=y&changes=USER+u&platform=linux/amd64", "x");
        assertEquals(List.of(new ImportImage("-", "r", "t", "m", List.of("CMD a\nENV x=y", "USER u"), Optional.of("linux/amd64"))), images.asked);
    }

    @Test
    void pullReadsItsParametersAndDrawsItsProgress() throws IOException {
        Response pull = client.send("POST /images/create?fromImage=docker.io/library/alpine&tag=3&platform=linux/arm64 HTTP/1.1\r\n"
                + "X-Registry-Auth: e30=\r\nContent-Length: 0\r\n\r\n").readResponse();
        assertEquals(List.of(new PullImage("docker.io/library/alpine", "3", Optional.of("linux/arm64"), "e30=")), images.asked);
        assertEquals("{\"status\":\"Downloading\",\"progressDetail\":{\"current\":36445,\"total\":1080149},"
                + "\"progress\":\"[=>                                                 ]  36.45kB/1.08MB\",\"id\":\"0123456789ab\"}\r\n", pull.body());
    }

    @Test
    void creatingAnImageNeedsASource() throws IOException {
        assertEquals(400, client.post("/images/create", "").status());
    }

    @Test
    void archiveOfNamedImagesIsSentAndLetGo() throws IOException {
        Response saved = client.get("/images/get?names=docker.io/library/there:1&names=docker.io/library/there:1&platform=linux/arm64&platform=linux/amd64");
        assertEquals("200 application/x-tar archive", saved.status() + " " + saved.header("content-type") + " " + saved.body());
        SaveImages request = new SaveImages(List.of("docker.io/library/there:1", "docker.io/library/there:1"), List.of("linux/arm64", "linux/amd64"));
        while (images.asked.size() < 2) { // let go after the last byte
            Thread.onSpinWait();
        }
        assertEquals(List.of(request, "closed"), images.asked);
    }

    @Test
    void unknownImageIsRefusedBeforeTheArchiveBegins() throws IOException {
        Response missing = client.get("/images/nosuch/get");
        assertEquals("404 application/json", missing.status() + " " + missing.header("content-type"));
    }

    @Test
    void platformOfAnArchiveMeansNothingToOldClients() throws IOException {
        client.get("/v1.47/images/docker.io/library/there:1/get?platform=linux/arm64");
        assertEquals(new SaveImages(List.of("docker.io/library/there:1"), List.of()), images.asked.getFirst());
    }

    private Response post(String path, String body) throws IOException {
        return client.send("POST " + path + " HTTP/1.1\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n"
                + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n").readResponse();
    }
}
