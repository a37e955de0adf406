package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Containers on a terminal, driven through a real one. */
@Tag("engine")
@Timeout(120)
class TerminalTest {

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
    void aShellIsUsedResizedAndLeft() {
        try (Terminal terminal = docker.terminal("run", "-it", "--rm", "--name", "shell", "berth-test", "sh")) {
            terminal.awaitText("#");
            terminal.type("echo $((40 + 2)); tty; stty size");
            terminal.press("Enter");
            terminal.awaitText("42");
            terminal.awaitText("/dev/pts/0");
            terminal.awaitText("24 80");
            terminal.resize(100, 30);
            // The new size comes on a way of its own, so it is asked for until it is there.
            Await.until("the new size", java.time.Duration.ofSeconds(20), () -> {
                terminal.type("stty size");
                terminal.press("Enter");
                return terminal.screen().contains("30 100");
            }, terminal::screen);
            terminal.type("sleep 1000");
            terminal.press("Enter");
            Await.until("the sleep", java.time.Duration.ofSeconds(20), () -> docker.run("top", "shell").out().contains("sleep 1000"), terminal::screen);
            terminal.press("C-c");
            terminal.type("echo interr''upted");
            terminal.press("Enter");
            terminal.awaitText("interrupted");
            terminal.type("exit");
            terminal.press("Enter");
            terminal.awaitEnd();
        }
        Await.until("the container to be removed", java.time.Duration.ofSeconds(10),
                () -> docker.run("inspect", "shell").code() != 0, () -> docker.run("ps", "-a").out());
    }

    @Test
    void leavingWithTheDetachKeysLeavesTheShellRunning() {
        try (Terminal terminal = docker.terminal("run", "-it", "--name", "left", "berth-test", "sh")) {
            terminal.awaitText("#");
            terminal.type("X=still-here");
            terminal.press("Enter");
            terminal.leaveShell();
        }
        assertEquals("running\n", docker.run("inspect", "-f", "{{.State.Status}}", "left").succeeded());
        try (Terminal terminal = docker.terminal("attach", "left")) {
            terminal.press("Enter");
            terminal.awaitText("#");
            terminal.type("echo $X");
            terminal.press("Enter");
            terminal.awaitText("still-here");
            terminal.type("exit 5");
            terminal.press("Enter");
            terminal.awaitEnd();
        }
        assertEquals("5\n", docker.run("wait", "left").succeeded());
        docker.run("rm", "left").succeeded();
    }
}
