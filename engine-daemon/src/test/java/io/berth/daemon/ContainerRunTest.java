package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docker run} and what belongs to a container's life, by the real docker CLI. */
@Tag("engine")
@Timeout(180)
class ContainerRunTest {

    private static EngineUnderTest engine;
    private static DockerCli docker;

    @BeforeAll
    static void start() {
        engine = EngineUnderTest.start();
        docker = engine.docker();
        docker.runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @Test
    void aContainerPrintsAndIsGone() {
        Commands.Result run = run("echo", "hi");
        assertEquals("hi\n", run.succeeded());
        assertEquals("", run.err());
    }

    /** dockerode asks so, and scripts do; a slower engine still has the container then. */
    @Test
    void whoWaitsForAContainerThatHasRemovedItselfLearnsItsExitCode() throws IOException {
        engine.requireBerth("a removed container is unknown to the reference");
        String id = docker.run("run", "-d", "--rm", "--name", "departed", "berth-test", "sh", "-c", "exit 7").succeeded().strip();
        Await.until("the container to be gone", Duration.ofSeconds(10),
                () -> !docker.run("ps", "-aq", "--no-trunc").succeeded().contains(id), () -> id);
        RawHttp.Answer answer = engine.request("POST", "/v1.51/containers/" + id + "/wait?condition=next-exit", "");
        assertEquals("{\"StatusCode\":7}", answer.text().strip());
        assertEquals("7\n", docker.run("wait", "departed").succeeded());
        docker.run("create", "--name", "departed", "berth-test").succeeded();
        docker.run("rm", "departed").succeeded();
        assertEquals(404, engine.request("POST", "/v1.51/containers/departed/wait", "").status());
        assertEquals(404, engine.request("POST", "/v1.51/containers/" + id.substring(0, 12) + "/wait", "").status());
    }

    @Test
    void standardInputReachesTheProcessToItsEnd() {
        byte[] input = "line\n".repeat(200_000).getBytes(StandardCharsets.UTF_8);
        assertEquals("1000000\n", docker.runWithInput(input, "run", "-i", "--rm", "berth-test", "wc", "-c").succeeded());
        assertEquals("x\n", docker.runWithInput("x\n".getBytes(StandardCharsets.UTF_8), "run", "-i", "--rm", "berth-test", "cat").succeeded());
    }

    @Test
    void theTwoOutputsStayApart() {
        Commands.Result run = run("sh", "-c", "echo out; echo err >&2");
        assertEquals("out\n", run.out());
        assertEquals("err\n", run.err());
    }

    @Test
    void everyByteOfALargeOutputArrives() {
        assertEquals(20_000_000, run("sh", "-c", "head -c 20000000 /dev/zero | tr '\\0' x").succeeded().length());
    }

    @Test
    void exitCodesAreThoseOfTheReference() {
        assertEquals(0, run("true").code());
        assertEquals(7, run("sh", "-c", "exit 7").code());
        assertEquals(139, run("sh", "-c", "sh -c 'kill -SEGV $$'; exit $?").code());
        Commands.Result missing = run("no-such-command");
        assertEquals(127, missing.code(), missing.err());
        assertTrue(missing.err().contains("executable file not found in $PATH"), missing.err());
        Commands.Result notExecutable = run("/etc/passwd");
        assertEquals(126, notExecutable.code(), notExecutable.err());
        assertTrue(notExecutable.err().contains("permission denied"), notExecutable.err());
        assertEquals(125, docker.run("run", "--rm", "--pull", "never", "no-such-image", "true").code());
        assertEquals(Set.of(), containers("no-such"));
    }

    @Test
    void settingsOfTheProcessAreSeenByIt() {
        assertEquals("/tmp v user 1000\n", docker.run("run", "--rm", "-w", "/tmp", "-e", "K=v", "-u", "user", "berth-test",
                "sh", "-c", "echo $(pwd) $K $(id -un) $(id -g)").succeeded());
        assertEquals("ship\n", docker.run("run", "--rm", "--hostname", "ship", "berth-test", "hostname").succeeded());
        assertEquals("a b\n", docker.run("run", "--rm", "--entrypoint", "echo", "berth-test", "a", "b").succeeded());
    }

    @Test
    void theRootIsTheContainersOwnAndCanBeReadOnly() {
        assertEquals("x\n", run("sh", "-c", "echo x > /file && cat /file").succeeded());
        assertNotEquals(0, run("cat", "/file").code());
        Commands.Result refused = docker.run("run", "--rm", "--read-only", "berth-test", "touch", "/file");
        assertEquals(1, refused.code());
        assertTrue(refused.err().contains("Read-only file system"), refused.err());
        docker.run("run", "--rm", "--read-only", "--tmpfs", "/scratch", "berth-test", "touch", "/scratch/file").succeeded();
    }

    @Test
    void directoriesOfTheHostAreSharedAsAsked() throws IOException {
        Path shared = Files.createDirectory(engine.scratch().resolve("shared"));
        docker.run("run", "--rm", "-v", shared + ":/mnt", "berth-test", "sh", "-c", "echo from inside > /mnt/file").succeeded();
        assertEquals("from inside\n", Files.readString(shared.resolve("file")));
        Commands.Result refused = docker.run("run", "--rm", "-v", shared + ":/mnt:ro", "berth-test", "rm", "/mnt/file");
        assertTrue(refused.err().contains("Read-only file system"), refused.err());
        Commands.Result missing = docker.run("run", "--rm", "--mount", "type=bind,source=/does/not/exist,target=/mnt", "berth-test", "true");
        assertEquals(125, missing.code());
        assertTrue(missing.err().contains("bind source path does not exist: /does/not/exist"), missing.err());
    }

    @Test
    void anUnprivilegedContainerHasTheDefaultCapabilitiesAndFilter() {
        String status = run("sh", "-c", "grep -E '^(CapEff|CapBnd|Seccomp|NoNewPrivs):' /proc/self/status").succeeded();
        assertTrue(status.contains("CapEff:\t00000000a80425fb"), status);
        assertTrue(status.contains("CapBnd:\t00000000a80425fb"), status);
        assertTrue(status.contains("Seccomp:\t2"), status);
        assertTrue(docker.run("run", "--rm", "--security-opt", "no-new-privileges", "berth-test", "grep", "NoNewPrivs", "/proc/self/status")
                .succeeded().contains("1"));
        String dropped = docker.run("run", "--rm", "--cap-drop", "ALL", "--cap-add", "CHOWN", "berth-test", "grep", "CapEff", "/proc/self/status").succeeded();
        assertTrue(dropped.contains("0000000000000001"), dropped);
    }

    @Test
    void limitsAreSetInTheKernel() {
        String limits = docker.run("run", "--rm", "-m", "64m", "--pids-limit", "50", "--cpus", "0.5", "berth-test", "sh", "-c",
                "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; "
                        + "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null").out();
        assertEquals("67108864\n50\n", limits);
        assertEquals(137, docker.run("run", "--rm", "-m", "16m", "berth-test", "tail", "/dev/zero").code());
    }

    @Test
    void logsAreKeptAndFollowedToTheEnd() {
        String id = docker.run("run", "-d", "berth-test", "sh", "-c", "for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done").succeeded().strip();
        String all = "line 1\nline 2\nline 3\nline 4\nline 5\n";
        assertEquals(all, docker.run("logs", "-f", id).succeeded());
        assertEquals(all, docker.run("logs", id).succeeded());
        assertEquals("line 4\nline 5\n", docker.run("logs", "--tail", "2", id).succeeded());
        assertTrue(docker.run("logs", "-t", "--tail", "1", id).succeeded().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z line 5\n"));
        assertEquals("", docker.run("logs", "--since", "2100-01-01T00:00:00", id).succeeded());
        docker.run("rm", id).succeeded();
    }

    @Test
    void aContainerIsStoppedStartedAndRemovedByName() {
        docker.run("run", "-d", "--name", "life", "--label", "k=v", "berth-test", "sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done").succeeded();
        assertEquals(Set.of("life"), containers("life"));
        assertEquals("running\n", docker.run("inspect", "-f", "{{.State.Status}}", "life").succeeded());
        Commands.Result again = docker.run("run", "--name", "life", "berth-test", "true");
        assertEquals(125, again.code());
        assertTrue(again.err().contains("Conflict. The container name \"/life\" is already in use by container"), again.err());
        assertTrue(docker.run("rm", "life").err().contains("container is running"));
        docker.run("stop", "life").succeeded();
        assertEquals("exited 3\n", docker.run("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "life").succeeded());
        assertEquals("3\n", docker.run("wait", "life").succeeded());
        docker.run("start", "life").succeeded();
        docker.run("restart", "-t", "5", "life").succeeded();
        docker.run("kill", "life").succeeded();
        assertEquals("137\n", docker.run("wait", "life").succeeded());
        docker.run("rm", "life").succeeded();
        assertTrue(docker.run("inspect", "life").err().contains("No such"), "removed");
    }

    @Test
    void listsAreFilteredAsAsked() {
        docker.run("run", "-d", "--name", "list-running", "--label", "kind=a", "berth-test", "sleep", "1000").succeeded();
        docker.run("run", "--name", "list-exited", "--label", "kind=b", "berth-test", "sh", "-c", "exit 4").code();
        assertEquals(Set.of("list-running"), listed("--filter", "name=list-"));
        assertEquals(Set.of("list-running", "list-exited"), listed("-a", "--filter", "name=list-"));
        assertEquals(Set.of("list-exited"), listed("-a", "--filter", "name=list-", "--filter", "status=exited"));
        assertEquals(Set.of("list-exited"), listed("-a", "--filter", "label=kind=b"));
        assertEquals(Set.of("list-exited"), listed("-a", "--filter", "exited=4", "--filter", "name=list-"));
        assertTrue(docker.run("top", "list-running").succeeded().contains("sleep 1000"));
        docker.run("rm", "-f", "list-running", "list-exited").succeeded();
    }

    @Test
    void theEventsOfARunComeInTheReferencesOrder() {
        String since = now();
        docker.run("run", "--rm", "--name", "eventful", "berth-test", "true").succeeded();
        List<String> expected = List.of("create", "attach", "connect", "start", "disconnect", "die", "destroy");
        Await.until("the events of the run", Duration.ofSeconds(10), () -> actions(since).equals(expected), () -> actions(since).toString());
    }

    /** The engine's own time. */
    private static String now() {
        return docker.run("info", "--format", "{{.SystemTime}}").succeeded().strip();
    }

    private static List<String> actions(String since) {
        return docker.run("events", "--since", since, "--until", now(), "--filter", "type=container", "--filter", "type=network",
                "--format", "{{.Action}}").succeeded().lines().toList();
    }

    @Test
    void aRunWithRmLeavesNothing() {
        engine.requireBerth("looks at the daemon's directories and at its network namespace");
        run("true").succeeded();
        Set<String> before = everything();
        for (int i = 0; i < 5; i++) {
            run("sh", "-c", "echo x > /file").succeeded();
        }
        run("no-such-command");
        Await.until("all traces to be gone", Duration.ofSeconds(10), () -> before.containsAll(everything()), () -> everything() + "\ninstead of " + before);
    }

    /** Traces on the host, and the directories of containers. */
    private static Set<String> everything() {
        Set<String> all = new TreeSet<>(engine.traces());
        Commands.run("find", engine.dataRoot().toString(), engine.execRoot().toString(), "-mindepth", "2", "-maxdepth", "2", "-type", "d")
                .succeeded().lines().forEach(all::add);
        return all;
    }

    @Test
    void networksAreChosenByName() {
        assertEquals("lo\n", docker.run("run", "--rm", "--network", "none", "berth-test", "ls", "/sys/class/net").succeeded());
        assertTrue(docker.run("run", "--rm", "berth-test", "ip", "-o", "-4", "address").succeeded().contains("eth0"));
        String host = docker.run("run", "--rm", "--network", "host", "berth-test", "readlink", "/proc/self/ns/net").succeeded();
        assertNotEquals(host, run("readlink", "/proc/self/ns/net").succeeded());
        assertFalse(docker.run("run", "--rm", "--network", "none", "berth-test", "ip", "-o", "address").succeeded().contains("eth0"));
    }

    private static Commands.Result run(String... command) {
        String[] words = new String[command.length + 3];
        System.arraycopy(new String[] {"run", "--rm", "berth-test"}, 0, words, 0, 3);
        System.arraycopy(command, 0, words, 3, command.length);
        return docker.run(words);
    }

    private static Set<String> containers(String name) {
        return listed("-a", "--filter", "name=" + name);
    }

    private static Set<String> listed(String... flags) {
        String[] words = new String[flags.length + 3];
        System.arraycopy(new String[] {"ps", "--format", "{{.Names}}"}, 0, words, 0, 3);
        System.arraycopy(flags, 0, words, 3, flags.length);
        return new TreeSet<>(docker.run(words).succeeded().lines().toList());
    }
}
