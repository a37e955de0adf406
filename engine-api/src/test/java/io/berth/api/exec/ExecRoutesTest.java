package io.berth.api.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.FakeExecs;
import io.berth.api.http.RawClient;
import io.berth.api.http.RawClient.Response;
import io.berth.api.http.Router;
import io.berth.api.http.TestServer;
import io.berth.api.wire.exec.CreateExecBody;
import io.berth.api.wire.exec.StartExecBody;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExecRoutesTest {

    private final FakeExecs execs = new FakeExecs();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new ExecRoutes(execs).addTo(router);
        server = new TestServer(router);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void createReadsWhatTheCliSends() throws IOException {
        Response created = client.post("/containers/c/exec", """
                {"User":"u","Privileged":true,"Tty":true,"ConsoleSize":[24,80],"AttachStdin":true,"AttachStderr":false,"AttachStdout":true,
                 "DetachKeys":"","Env":["A=b"],"WorkingDir":"/w","Cmd":["ls","-l"]}""");
        assertEquals(201, created.status());
        assertEquals("{\"Id\":\"e\"}\n", created.body());
        CreateExecBody body = (CreateExecBody) execs.asked.getFirst();
        assertEquals("u /w [ls, -l] [A=b] [24, 80]", body.user + " " + body.workingDir + " " + body.cmd + " " + body.env + " " + body.consoleSize);
        assertTrue(body.privileged && body.tty && body.attachStdin && body.attachStdout && !body.attachStderr);
    }

    @Test
    void anExecNeedsACommand() throws IOException {
        for (String body : List.of("", "{}", "{\"Cmd\":[]}", "{\"Cmd\":null}")) {
            Response refused = client.post("/containers/c/exec", body);
            assertEquals(400, refused.status(), body);
            assertEquals("{\"message\":\"No exec command specified\"}\n", refused.body(), body);
        }
    }

    @Test
    void aDetachedStartAnswersWithoutABody() throws IOException {
        Response started = client.post("/exec/e/start", "{\"Detach\":true}");
        assertEquals(200, started.status());
        assertEquals("", started.body());
        assertTrue(((StartExecBody) execs.asked.getFirst()).detach);
    }

    @Test
    void whoAsksForTheUpgradeIsToldOfTheFrames() throws IOException {
        assertTrue(start("/v1.51", "Connection: Upgrade\r\nUpgrade: tcp\r\n", "{}").startsWith(
                "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhi"));
        assertTrue(start("/v1.51", "Connection: Upgrade\r\nUpgrade: tcp\r\n", "{\"Tty\":true}").startsWith(
                "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"));
        assertTrue(start("/v1.41", "Connection: Upgrade\r\nUpgrade: tcp\r\n", "{}").startsWith(
                "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"));
        assertTrue(start("/v1.51", "", "{}").startsWith("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n"));
    }

    private String start(String version, String headers, String body) throws IOException {
        try (RawClient hijacker = server.connect()) {
            return new String(hijacker.send("POST " + version + "/exec/e/start HTTP/1.1\r\n" + headers + "Content-Type: application/json\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body).readToEnd(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void resizeNeedsNumbers() throws IOException {
        assertEquals(200, client.post("/exec/e/resize?h=24&w=80", "").status());
        assertEquals(List.of("24x80"), execs.asked);
        assertEquals("{\"message\":\"invalid resize height \\\"a\\\": invalid syntax\"}\n", client.post("/exec/e/resize?h=a&w=80", "").body());
    }

    @Test
    void inspectNamesItsFieldsAsTheReferenceDoes() throws IOException {
        assertEquals("{\"ID\":\"e\",\"Running\":false,\"ExitCode\":null,\"ProcessConfig\":{\"tty\":false,\"entrypoint\":\"ls\",\"arguments\":[\"-l\"],"
                + "\"privileged\":false},\"OpenStdin\":false,\"OpenStderr\":true,\"OpenStdout\":true,\"CanRemove\":false,\"ContainerID\":\"c\","
                + "\"DetachKeys\":\"\",\"Pid\":0}\n", client.get("/exec/e/json").body());
        assertEquals(404, client.get("/exec/f/json").status());
    }
}
