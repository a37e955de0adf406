package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Further processes in containers, by {@code docker exec} and byte by byte. */
class ExecTest extends ContainerTest {

    private static final Map<String, String> UPGRADE = Map.of("Content-Type", "application/json", "Connection", "Upgrade", "Upgrade", "tcp");
    private static final int PARALLEL = 100;

    private String container;

    @BeforeEach
    void startContainer() {
        container = runDetached("--env", "FROM=container", "--workdir", "/var", IMAGE, "sleep", "100000");
    }

    private Commands.Result exec(String... words) {
        List<String> all = new ArrayList<>(List.of("exec"));
        all.addAll(List.of(words));
        return docker(all.toArray(String[]::new));
    }

    private Commands.Result script(String text) {
        return exec(container, "sh", "-c", text);
    }

    private String create(String json) {
        RawHttp.Answer created = engine.request("POST", "/containers/" + container + "/exec", json);
        assertEquals(201, created.status(), created::text);
        return json(created).path("Id").asText();
    }

    private JsonNode inspected(String exec) {
        return json(engine.get("/exec/" + exec + "/json"));
    }

    private void awaitEnd(String exec) {
        Await.until("the exec's end", PATIENCE, () -> !inspected(exec).path("Running").asBoolean(), () -> inspected(exec).toString());
    }

    @Test
    void outputErrorsAndExitCodeComeBackApart() {
        Commands.Result result = script("echo out; echo err >&2; exit 7");
        assertEquals("out\n", result.out());
        assertEquals("err\n", result.err());
        assertEquals(7, result.code());
    }

    @Test
    void itSeesTheContainerAndNotTheHost() {
        String processes = script("ps -o args; cat /proc/1/comm; hostname").succeeded();
        assertTrue(processes.contains("sleep 100000"), processes);
        assertTrue(processes.endsWith("sleep\n" + container.substring(0, 12) + "\n"), processes);
        assertEquals(script("for n in cgroup ipc mnt net pid uts; do readlink /proc/1/ns/$n; done").succeeded(),
                script("for n in cgroup ipc mnt net pid uts; do readlink /proc/self/ns/$n; done").succeeded());
        assertEquals(script("grep -v ^0: /proc/1/cgroup").succeeded(), script("grep -v ^0: /proc/self/cgroup").succeeded());
    }

    @Test
    void inputOfAPipeGoesInByteForByteAndItsEndIsSeen() {
        byte[] bytes = new byte[3 << 20];
        long seed = System.nanoTime();
        new Random(seed).nextBytes(bytes);
        Commands.Result counted = engine.docker().runWithInput(bytes, "exec", "-i", container, "sha256sum");
        Commands.Result expected = Commands.run(Map.of(), bytes, List.of("sha256sum"));
        assertEquals(expected.out(), counted.succeeded(), "seed " + seed);
        assertEquals("0\n", engine.docker().runWithInput("x".getBytes(StandardCharsets.UTF_8), "exec", container, "wc", "-c").succeeded());
    }

    @Test
    void allOutputIsThereWhenTheStreamEnds() {
        for (int i = 0; i < 10; i++) {
            Commands.Result result = script("head -c 1000000 /dev/zero | tr '\\0' x; exit 3");
            assertEquals(1_000_000, result.out().length());
            assertEquals(3, result.code());
        }
    }

    @Test
    void theEnvironmentIsTheContainersAndThenTheClients() {
        String shown = exec("-e", "FROM=client", "-e", "MORE=1", container, "env").succeeded();
        assertTrue(shown.contains("FROM=client\n") && shown.contains("MORE=1\n") && shown.contains("HOME=/root\n"), shown);
        assertTrue(shown.contains("HOSTNAME=" + container.substring(0, 12) + "\n") && !shown.contains("TERM="), shown);
        assertTrue(exec(container, "env").succeeded().contains("FROM=container\n"));
        assertTrue(exec("-t", container, "env").succeeded().contains("TERM=xterm\r\n"));
    }

    @Test
    void workingDirectoryAndUserAreWhatIsAskedFor() {
        assertEquals("/var\n", script("pwd").succeeded());
        assertEquals("/tmp\n", exec("-w", "/tmp", container, "sh", "-c", "pwd").succeeded());
        assertEquals("uid=1000(user) gid=1000(user) groups=1000(user)\n", exec("-u", "user", container, "id").succeeded());
        assertEquals("uid=5 gid=6 groups=6\n", exec("-u", "5:6", container, "id").succeeded());
        assertFails(1, "unable to find user nobody-there: no matching entries in passwd file", exec("-u", "nobody-there", container, "true"));
    }

    @Test
    void rightsAreTheContainersUnlessPrivileged() {
        String status = "grep -E '^(Cap|Seccomp:|NoNewPrivs)' /proc/%s/status";
        assertEquals(script(status.formatted("1")).succeeded(), script(status.formatted("self")).succeeded());
        String privileged = exec("--privileged", container, "sh", "-c", status.formatted("self")).succeeded();
        assertNotEquals(script("grep CapEff /proc/1/status").succeeded(), privileged.lines().filter(line -> line.startsWith("CapEff")).findFirst().orElse("") + "\n");
        assertTrue(privileged.contains("Seccomp:\t2"), privileged);
    }

    @Test
    void whatCannotBeExecutedHasTheCodeAndWordsOfAShell() {
        assertFails(127, "exec: \"nosuch\": executable file not found in $PATH", exec(container, "nosuch"));
        assertFails(127, "exec: \"/nosuch\": stat /nosuch: no such file or directory", exec(container, "/nosuch"));
        assertFails(126, "exec: \"/etc/passwd\": permission denied", exec(container, "/etc/passwd"));
        assertFails(127, "chdir to cwd (\"/nosuch\") set in config.json failed: no such file or directory", exec("-w", "/nosuch", container, "true"));
        assertFails(127, "chdir to cwd (\"/etc/passwd\") set in config.json failed: not a directory", exec("-w", "/etc/passwd", container, "true"));
        assertFails(1, "executable file not found in $PATH", exec("-d", container, "nosuch"));
        RawHttp.Answer detached = engine.request("POST", "/exec/" + create("{\"Cmd\":[\"nosuch\"]}") + "/start", "{\"Detach\":true}");
        assertEquals(400, detached.status(), detached::text);
        String failed = create("{\"Cmd\":[\"nosuch\"]}");
        engine.request("POST", "/exec/" + failed + "/start", "{\"Detach\":true}");
        assertEquals(127, inspected(failed).path("ExitCode").asInt());
        assertEquals("null", inspect(container, "json .ExecIDs"));
        exec("-w", "/", container, "rmdir", "/var").succeeded();
        assertFails(127, "chdir to cwd (\"/var\") set in config.json failed: no such file or directory", exec(container, "true"));
    }

    @Test
    void refusalsHaveTheirStatus() {
        assertEquals(400, engine.request("POST", "/containers/" + container + "/exec", "{\"Cmd\":[]}").status());
        RawHttp.Answer unknown = engine.request("POST", "/containers/berth-no-such/exec", "{\"Cmd\":[\"true\"]}");
        assertEquals("404 No such container: berth-no-such", unknown.status() + " " + message(unknown));
        RawHttp.Answer none = engine.get("/exec/none/json");
        assertEquals("404 No such exec instance: none", none.status() + " " + message(none));
        assertEquals(404, engine.request("POST", "/exec/none/start", "{}").status());
        assertEquals(404, engine.request("POST", "/exec/none/resize?h=1&w=1", "").status());
        assertEquals(400, engine.request("POST", "/exec/none/resize?h=x&w=1", "").status());
        String left = create("{\"Cmd\":[\"true\"]}");
        docker("stop", "-t", "0", container).succeeded();
        RawHttp.Answer stopped = engine.request("POST", "/containers/" + container + "/exec", "{\"Cmd\":[\"true\"]}");
        assertEquals("409 container " + container + " is not running", stopped.status() + " " + message(stopped));
        assertEquals(404, engine.request("POST", "/exec/" + left + "/start", "{}").status());
        assertFails(1, "is not running", exec(container, "true"));
    }

    @Test
    void aContainerThatStandsStillTakesNoExec() {
        String waiting = create("{\"Cmd\":[\"true\"]}");
        docker("pause", container).succeeded();
        RawHttp.Answer refused = engine.request("POST", "/containers/" + container + "/exec", "{\"Cmd\":[\"true\"]}");
        assertEquals("409 Container " + container + " is paused, unpause the container before exec", refused.status() + " " + message(refused));
        assertEquals(409, engine.request("POST", "/exec/" + waiting + "/start", "{}").status());
        docker("unpause", container).succeeded();
        assertEquals(200, engine.request("POST", "/exec/" + waiting + "/start", "{\"Detach\":true}").status());
        String restarting = runDetached("--restart", "always", IMAGE, "sh", "-c", "exit 1");
        Await.until("the answer of a restarting container", PATIENCE, () -> message(engine.request("POST", "/containers/" + restarting + "/exec",
                "{\"Cmd\":[\"true\"]}")).equals("Container " + restarting + " is restarting, wait until the container is running"),
                () -> inspect(restarting, "json .State"));
    }

    @Test
    void anExecIsStartedOnce() {
        String exec = create("{\"Cmd\":[\"sleep\",\"1000\"]}");
        assertEquals(200, engine.request("POST", "/exec/" + exec + "/start", "{\"Detach\":true}").status());
        RawHttp.Answer again = engine.request("POST", "/exec/" + exec + "/start", "{\"Detach\":true}");
        assertEquals("409 exec command " + exec + " is already running", again.status() + " " + message(again));
        assertTrue(inspected(exec).path("Pid").asInt() > 0);
        assertEquals("[\"" + exec + "\"]", inspect(container, "json .ExecIDs"));
        String over = create("{\"Cmd\":[\"true\"]}");
        engine.request("POST", "/exec/" + over + "/start", "{\"Detach\":true}");
        awaitEnd(over);
        RawHttp.Answer late = engine.request("POST", "/exec/" + over + "/start", "{\"Detach\":true}");
        assertEquals("409 exec command " + over + " has already run", late.status() + " " + message(late));
    }

    @Test
    void inspectTellsALifeFromBeforeTheStartToAfterTheEnd() {
        String exec = create("{\"Cmd\":[\"sh\",\"-c\",\"exit 5\"],\"AttachStdout\":true,\"User\":\"user\"}");
        JsonNode before = inspected(exec);
        assertEquals("false null 0", before.path("Running") + " " + before.path("ExitCode") + " " + before.path("Pid"));
        assertEquals("{\"tty\":false,\"entrypoint\":\"sh\",\"arguments\":[\"-c\",\"exit 5\"],\"privileged\":false,\"user\":\"user\"}",
                before.path("ProcessConfig").toString());
        assertEquals(container, before.path("ContainerID").asText());
        engine.request("POST", "/exec/" + exec + "/start", "{\"Detach\":true}");
        awaitEnd(exec);
        assertEquals(5, inspected(exec).path("ExitCode").asInt());
        docker("rm", "-f", container).succeeded();
        assertEquals(404, engine.get("/exec/" + exec + "/json").status());
    }

    @Test
    void theExitCodeIsKnownWhenTheStreamHasEnded() throws IOException {
        for (int i = 0; i < 50; i++) {
            String exec = create("{\"Cmd\":[\"sh\",\"-c\",\"exit 9\"],\"AttachStdout\":true,\"AttachStderr\":true}");
            try (RawHttp http = engine.connect()) {
                start(http, exec, "{}");
                http.in().readAllBytes();
            }
            assertEquals("9", inspected(exec).path("ExitCode").toString(), "round " + i);
        }
    }

    @Test
    void theAnswerIsTheSwitchOfTheConnection() throws IOException {
        String exec = create("{\"Cmd\":[\"echo\",\"hi\"],\"AttachStdout\":true}");
        try (RawHttp http = engine.connect()) {
            RawHttp.Answer head = start(http, exec, "{}");
            assertEquals(101, head.status());
            assertEquals("application/vnd.docker.multiplexed-stream", head.headers().get("content-type"));
            assertArrayEquals(new byte[] {1, 0, 0, 0, 0, 0, 0, 3, 'h', 'i', '\n'}, http.in().readAllBytes());
        }
        exec = create("{\"Cmd\":[\"echo\",\"hi\"],\"AttachStdout\":true,\"Tty\":true}");
        try (RawHttp http = engine.connect()) {
            http.sendHead("POST", "/exec/" + exec + "/start", Map.of("Content-Type", "application/json"), 12);
            http.send("{\"Tty\":true}");
            RawHttp.Answer head = http.readHead();
            assertEquals(200, head.status());
            assertEquals("application/vnd.docker.raw-stream", head.headers().get("content-type"));
            assertEquals("hi\r\n", new String(http.in().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static RawHttp.Answer start(RawHttp http, String exec, String body) throws IOException {
        http.sendHead("POST", "/exec/" + exec + "/start", UPGRADE, body.length());
        http.send(body);
        return http.readHead();
    }

    @Test
    void theEndOfTheClientsInputIsTheEndOfTheProcesssOnly() throws IOException {
        String exec = create("{\"Cmd\":[\"sh\",\"-c\",\"cat; sleep 0.2; echo after\"],\"AttachStdin\":true,\"AttachStdout\":true}");
        try (RawHttp http = engine.connect()) {
            start(http, exec, "{}");
            http.send("typed\n");
            http.shutdownOutput();
            String all = new String(http.in().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(all.contains("typed\n") && all.endsWith("after\n"), all);
        }
    }

    @Test
    void whatRunsEndsWithItsContainer() {
        String exec = create("{\"Cmd\":[\"sleep\",\"1000\"]}");
        engine.request("POST", "/exec/" + exec + "/start", "{\"Detach\":true}");
        Process attached = engine.docker().start("exec", container, "sleep", "1000");
        Await.until("the second exec", PATIENCE, () -> json(inspect(container, "json .ExecIDs")).size() == 2, () -> inspect(container, "json .ExecIDs"));
        docker("kill", container).succeeded();
        awaitState(container, "exited");
        assertEquals(137, attached.onExit().join().exitValue());
        awaitEnd(exec);
        assertEquals(137, inspected(exec).path("ExitCode").asInt());
        assertEquals("null", inspect(container, "json .ExecIDs"));
        docker("start", container).succeeded();
        assertEquals(137, inspected(exec).path("ExitCode").asInt());
    }

    @Test
    void aChildThatNobodyReadsDoesNotHoldUpTheContainersEnd() throws IOException {
        String exec = create("{\"Cmd\":[\"sh\",\"-c\",\"while :; do echo yyyyyyyyyyyyyyyyyyyyyyy; done\"],\"AttachStdout\":true}");
        try (RawHttp http = engine.connect()) {
            start(http, exec, "{}");
            docker("kill", container).succeeded();
            awaitState(container, "exited");
        }
    }

    @Test
    void eventsTellOfAnExec() {
        // Anything but the engine's own clock would be another clock.
        String since = json(engine.get("/info")).path("SystemTime").asText().substring(0, "2026-01-01T00:00:00".length()) + "Z"; // --until has whole seconds
        exec(container, "sh", "-c", "exit 4");
        List<String> seen = new ArrayList<>();
        Await.until("exec_die", PATIENCE, () -> {
            seen.clear();
            docker("events", "--since", since, "--until", "0s", "--filter", "container=" + container, "--format",
                    "{{.Action}}|{{.Actor.Attributes.exitCode}}|{{.Actor.Attributes.execID}}").succeeded().lines()
                    .filter(line -> line.startsWith("exec_")).map(line -> line.replaceFirst("[0-9a-f]{64}$", "ID")).forEach(seen::add);
            return seen.size() >= 3;
        }, seen::toString);
        assertEquals(List.of("exec_create: sh -c exit 4|<no value>|ID", "exec_start: sh -c exit 4|<no value>|ID", "exec_die|4|ID"), seen);
    }

    @Test
    void manyAtOnceEachGetTheirOwn() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < PARALLEL; i++) {
                int number = i;
                Callable<String> one = () -> {
                    String exec = create("{\"Cmd\":[\"sh\",\"-c\",\"echo " + number + "; exit " + number + "\"],\"AttachStdout\":true,\"Tty\":false}");
                    try (RawHttp http = engine.connect()) {
                        start(http, exec, "{}");
                        byte[] all = http.in().readAllBytes();
                        return new String(all, 8, all.length - 8, StandardCharsets.UTF_8).strip() + " " + inspected(exec).path("ExitCode");
                    }
                };
                answers.add(threads.submit(one));
            }
            for (int i = 0; i < PARALLEL; i++) {
                assertEquals(i + " " + i, answers.get(i).get());
            }
        }
    }

    @Test
    void aTerminalIsUsedResizedAndLeft() {
        try (Terminal terminal = engine.docker().terminal("exec", "-it", container, "sh")) {
            terminal.awaitText("#");
            terminal.type("echo $((40 + 2)); tty; stty size");
            terminal.press("Enter");
            terminal.awaitText("42");
            terminal.awaitText("/dev/pts/");
            terminal.awaitText("24 80");
            terminal.resize(100, 30);
            Await.until("the new size", PATIENCE, () -> {
                terminal.type("stty size");
                terminal.press("Enter");
                return terminal.screen().contains("30 100");
            }, terminal::screen);
            terminal.leaveShell();
        }
        String processes = docker("top", container).succeeded();
        assertTrue(processes.lines().anyMatch(line -> line.endsWith(" sh")), processes);
    }

    @Test
    void aDaemonThatIsKilledLosesNoExec() throws IOException {
        engine.requireBerth("it kills the daemon");
        String running = create("{\"Cmd\":[\"sh\",\"-c\",\"read x < /tmp/go; exit 6\"]}");
        String waiting = create("{\"Cmd\":[\"true\"]}");
        script("mkfifo /tmp/go").succeeded();
        engine.request("POST", "/exec/" + running + "/start", "{\"Detach\":true}");
        int pid = inspected(running).path("Pid").asInt();
        String attached = create("{\"Cmd\":[\"cat\"],\"AttachStdin\":true,\"AttachStdout\":true}");
        try (RawHttp session = engine.connect()) {
            start(session, attached, "{}");
            assertEquals("first", echo(session, "first"));
            engine.kill();
            assertEquals("still here", echo(session, "still here"));
            engine.startDaemon();
            assertEquals("true " + pid, inspected(running).path("Running") + " " + inspected(running).path("Pid"));
            session.shutdownOutput();
            session.in().readAllBytes();
            assertEquals("0", inspected(attached).path("ExitCode").toString());
        }
        assertEquals(200, engine.request("POST", "/exec/" + waiting + "/start", "{\"Detach\":true}").status());
        script("echo > /tmp/go").succeeded();
        awaitEnd(running);
        assertEquals(6, inspected(running).path("ExitCode").asInt());
    }

    private static String echo(RawHttp session, String line) throws IOException {
        session.send(line + "\n");
        return new String(session.in().readNBytes(8 + line.length() + 1), 8, line.length(), StandardCharsets.UTF_8);
    }

    @Test
    void anEndThatCameWhileTheDaemonWasDownIsLearnt() {
        engine.requireBerth("it kills the daemon");
        String exec = create("{\"Cmd\":[\"sh\",\"-c\",\"read x < /tmp/go; exit 6\"]}");
        script("mkfifo /tmp/go").succeeded();
        engine.request("POST", "/exec/" + exec + "/start", "{\"Detach\":true}");
        long pid = inspected(exec).path("Pid").asLong();
        engine.kill();
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        Await.until("the exec's end", PATIENCE, () -> !Files.exists(Path.of("/proc/" + pid)), () -> "it lives");
        engine.startDaemon();
        awaitEnd(exec);
        assertEquals(137, inspected(exec).path("ExitCode").asInt());
    }
}
