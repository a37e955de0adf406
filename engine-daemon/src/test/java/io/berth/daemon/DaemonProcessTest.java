package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process: how it starts, refuses to start, and ends. */
@Tag("engine")
@Timeout(120)
class DaemonProcessTest {

    @TempDir
    Path directory;

    @Test
    void daemonsWithDifferentRootsRunSideBySide() {
        try (EngineUnderTest one = EngineUnderTest.start(); EngineUnderTest two = EngineUnderTest.start()) {
            one.requireBerth("starts a second daemon");
            assertNotEquals(one.pid(), two.pid());
            assertTrue(Files.exists(one.execRoot().resolve("berthd.pid")));
            assertTrue(Files.exists(two.execRoot().resolve("berthd.pid")));
        }
    }

    @Test
    void aSecondDaemonOnTheSameDataRootIsRefusedInOneLine() {
        try (EngineUnderTest engine = EngineUnderTest.start()) {
            engine.requireBerth("starts a second daemon");
            Commands.Result second = berthd("--data-root", engine.dataRoot().toString(), "--exec-root", directory.toString(),
                    "-H", "unix://" + directory.resolve("other.sock"));
            assertEquals("berthd: another berthd is using " + engine.dataRoot() + " (process " + engine.pid()
                    + "): stop it or choose another --data-root\n", second.err());
            assertEquals(1, second.code());
        }
    }

    @Test
    void aDaemonToldToStopEndsWithZeroAndTakesItsPidfileAlong() throws IOException {
        try (EngineUnderTest engine = EngineUnderTest.start()) {
            engine.requireBerth("stops the daemon");
            Path pidfile = engine.execRoot().resolve("berthd.pid");
            assertEquals(Long.toString(engine.pid()), Files.readString(pidfile));
            assertEquals(0, engine.stop(), engine::log);
            assertFalse(Files.exists(pidfile));
        }
    }

    @Test
    void aKilledDaemonStartsAgainOnWhatItLeft() {
        try (EngineUnderTest engine = EngineUnderTest.start()) {
            engine.requireBerth("kills the daemon");
            engine.kill();
            engine.startDaemon();
            assertEquals(0, engine.stop());
        }
    }

    @Test
    void losingItsTerminalDoesNotStopTheDaemon() {
        try (EngineUnderTest engine = EngineUnderTest.start()) {
            engine.requireBerth("sends the daemon a signal");
            Commands.run("kill", "-HUP", Long.toString(engine.pid())).succeeded();
            assertEquals(0, engine.stop(), "ended by SIGTERM, and cleanly");
            assertTrue(engine.log().contains("stopping"));
        }
    }

    @Test
    void unknownFlagsAndKeysEndInOneLineWithCodeOne() throws IOException {
        Commands.Result flag = berthd("--data-rot", "/x");
        assertEquals("berthd: unknown flag: --data-rot (did you mean --data-root?)\n", flag.err());
        assertEquals(1, flag.code());
        Path file = Files.writeString(directory.resolve("daemon.json"), "{\"hots\": []}");
        Commands.Result key = berthd("--validate", "--config-file", file.toString());
        assertEquals("berthd: unable to configure berthd with file " + file + ": the following directives don't match any configuration"
                + " option: hots (did you mean \"hosts\"?)\n", key.err());
        assertEquals(1, key.code());
    }

    @Test
    void validateChecksTheSettingsAndStartsNothing() throws IOException {
        Path file = Files.writeString(directory.resolve("daemon.json"), "{\"data-root\": \"" + directory.resolve("data") + "\"}");
        assertEquals("configuration OK\n", berthd("--validate", "--config-file", file.toString()).succeeded());
        assertFalse(Files.exists(directory.resolve("data")));
    }

    @Test
    void withoutAJava25ThereIsOneClearLine() throws IOException {
        Files.createDirectories(directory.resolve("bin"));
        for (String tool : List.of("dirname", "readlink", "sed", "uname")) {
            Path script = directory.resolve("bin").resolve(tool);
            Files.writeString(script, "#!/bin/sh\nexec " + Commands.run("sh", "-c", "command -v " + tool).succeeded().strip() + " \"$@\"\n");
            assertTrue(script.toFile().setExecutable(true));
        }
        Path empty = Files.createDirectory(directory.resolve("jvm"));
        Commands.Result result = Commands.run(Map.of("PATH", directory.resolve("bin").toString(), "JAVA_HOME", "/does/not/exist", "BERTH_JVMS", empty.toString()),
                new byte[0], List.of("/bin/sh", EngineUnderTest.program(), "--version"));
        assertEquals(1, result.code());
        assertTrue(result.err().startsWith("berthd: needs Java 25"), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    private static Commands.Result berthd(String... flags) {
        List<String> command = new java.util.ArrayList<>(List.of(EngineUnderTest.program()));
        command.addAll(List.of(flags));
        return Commands.run(command.toArray(String[]::new));
    }
}
