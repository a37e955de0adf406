package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The daemon is killed while containers run, and started again: nothing of them may be lost. */
@Tag("engine")
@Timeout(180)
class CrashTest {

    private EngineUnderTest engine;
    private DockerCli docker;

    @BeforeEach
    void start() {
        engine = EngineUnderTest.start();
        engine.requireBerth("kills the daemon");
        docker = engine.docker();
        docker.runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    @Test
    void twentyWritingContainersOutliveTheDaemonWithEveryLineAndExitCode() {
        int lines = 300;
        List<String> names = IntStream.range(0, 20).mapToObj(i -> "writer" + i).toList();
        for (int i = 0; i < names.size(); i++) {
            // The odd ones end while no daemon is there, the even ones go on until they are told.
            String end = i % 2 == 0 ? "while ! [ -e /tmp/end ]; do sleep 0.1; done; exit 0" : "exit " + i;
            docker.run("run", "-d", "--name", names.get(i), "berth-test", "sh", "-c",
                    ": " + engine.scratch() + "; i=0; while [ $i -lt " + lines + " ]; do echo line $i; i=$((i + 1)); usleep 5000; done; " + end).succeeded();
        }
        engine.kill();
        Await.until("the odd ones to end", Duration.ofSeconds(60), () -> writers() <= 10, () -> writers() + " still run");
        engine.startDaemon();
        String expected = IntStream.range(0, lines).mapToObj(i -> "line " + i + "\n").reduce("", String::concat);
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            Await.until("the log of " + name, Duration.ofSeconds(20), () -> docker.run("logs", name).succeeded().length() >= expected.length(),
                    () -> docker.run("logs", name).out());
            assertEquals(expected, docker.run("logs", name).succeeded(), name);
            if (i % 2 == 0) {
                assertEquals("running\n", docker.run("inspect", "-f", "{{.State.Status}}", name).succeeded(), name);
            } else {
                assertEquals(i + "\n", docker.run("wait", name).succeeded(), name);
            }
        }
        List<String> remove = new ArrayList<>(List.of("rm", "-f"));
        remove.addAll(names);
        docker.run(remove.toArray(String[]::new)).succeeded();
    }

    /** How many of this engine's writing shells live; they are in pid namespaces of their own, but we see all. */
    private long writers() {
        return ProcessHandle.allProcesses().filter(process -> Residue.commandLine(process.pid()).contains(": " + engine.scratch() + "; i=0;")).count();
    }

    @Test
    void aTerminalIsUsableAfterTheDaemonWasKilled() {
        docker.run("run", "-dit", "--name", "tty", "berth-test", "sh").succeeded();
        engine.kill();
        engine.startDaemon();
        try (Terminal terminal = docker.terminal("attach", "tty")) {
            terminal.press("Enter");
            terminal.awaitText("#");
            terminal.type("echo $((40 + 2)); exit 6");
            terminal.press("Enter");
            terminal.awaitEnd();
        }
        assertEquals("6\n", docker.run("wait", "tty").succeeded());
        assertTrue(docker.run("logs", "tty").succeeded().contains("42"));
        docker.run("rm", "tty").succeeded();
    }

    @Test
    void aPublishedPortAnswersWhileThereIsNoDaemon() {
        docker.run("run", "-d", "--name", "web", "-p", "8080:80", "berth-test", "sh", "-c",
                "mkdir /www; echo hello > /www/index.html; httpd -f -h /www -p 80").succeeded();
        Await.until("the port to answer", Duration.ofSeconds(10), () -> hello().equals("hello\n"), this::hello);
        engine.kill();
        assertEquals("hello\n", hello());
        engine.startDaemon();
        assertEquals("hello\n", hello());
        docker.run("rm", "-f", "web").succeeded();
    }

    private String hello() {
        return engine.network().get("127.0.0.1", 8080);
    }

    @Test
    void aWaitThatBeginsAfterTheRestartReturns() throws InterruptedException {
        docker.run("run", "-d", "--name", "waited", "berth-test", "sh", "-c", "while ! [ -e /end ]; do sleep 0.1; done; exit 9").succeeded();
        engine.kill();
        engine.startDaemon();
        Process wait = docker.start("wait", "waited");
        docker.run("kill", "--signal", "TERM", "waited").succeeded();
        docker.run("stop", "-t", "1", "waited").succeeded();
        assertTrue(wait.waitFor(20, java.util.concurrent.TimeUnit.SECONDS));
        assertEquals("137\n", docker.run("inspect", "-f", "{{.State.ExitCode}}", "waited").succeeded());
        docker.run("rm", "waited").succeeded();
    }
}
