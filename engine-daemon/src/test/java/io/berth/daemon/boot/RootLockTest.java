package io.berth.daemon.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootLockTest {

    @TempDir
    Path directory;

    private final long self = ProcessHandle.current().pid();

    @Test
    void aDataRootHasOneDaemonAtATime() throws IOException {
        Path root = directory.resolve("a/b");
        try (RootLock held = RootLock.take(root)) {
            String message = assertThrows(SettingsException.class, () -> RootLock.take(root)).getMessage();
            assertEquals("another berthd is using " + root + " (process " + self + "): stop it or choose another --data-root", message);
            assertTrue(Files.isDirectory(root), held::toString);
        }
        RootLock.take(root).close();
    }

    @Test
    void aDataRootThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        String message = assertThrows(SettingsException.class, () -> RootLock.take(file.resolve("root"))).getMessage();
        assertTrue(message.startsWith("cannot use the data root " + file.resolve("root")), message);
    }

    @Test
    void thePidfileOfADeadDaemonIsReplacedAndOursIsRemoved() throws IOException {
        Path file = Files.writeString(directory.resolve("berthd.pid"), "999999999");
        try (Pidfile pidfile = Pidfile.write(file)) {
            assertEquals(Long.toString(self), Files.readString(file), pidfile::toString);
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void aProcessIdThatNowBelongsToAnotherProgramIsStale() throws IOException {
        Path file = Files.writeString(directory.resolve("berthd.pid"), "1\n");
        Pidfile.write(file).close();
        Path garbage = Files.writeString(directory.resolve("other.pid"), "not a number");
        Pidfile.write(garbage).close();
    }
}
