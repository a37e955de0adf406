package io.berth.daemon.volume.adopt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.volume.Volume;
import io.berth.daemon.volume.Volumes;
import io.berth.daemon.volume.plugin.VolumePlugins;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.store.durable.DiskFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a database that dockerd 28.5 wrote: a volume of a compose project, one with options, one without anything, some of a plugin, and
 * dozens whose directories are gone.
 */
class AdoptionTest {

    /** Those of the plugin with names that are none here, {@code X} and {@code we ird/name}. */
    private static final int UNUSABLE = 2;
    private static final Map<String, String> LABELS = Map.of("com.docker.compose.project", "shop", "com.docker.compose.volume", "db",
            "com.docker.compose.version", "2.40");

    private final Kernel kernel = new JnrKernel();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    @TempDir
    Path directory;
    private Path docker;
    private Volumes volumes;

    @BeforeEach
    void makeBoth() throws IOException {
        docker = directory.resolve("docker");
        for (String name : new String[] {"shop_db", "plain", "memory"}) {
            Files.createDirectories(docker.resolve("volumes").resolve(name).resolve("_data"));
        }
        try (InputStream database = new GZIPInputStream(AdoptionTest.class.getResourceAsStream("metadata.db.gz"))) {
            Files.copy(database, docker.resolve("volumes/metadata.db"));
        }
        Path file = Files.writeString(content("shop_db").resolve("file"), "content");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
        Files.createLink(content("shop_db").resolve("hard"), file);
        open();
    }

    private Path content(String name) {
        return docker.resolve("volumes").resolve(name).resolve("_data");
    }

    private void open() {
        volumes = Volumes.open(kernel, new DiskFiles(), directory.resolve("data"), directory.resolve("run"), VolumePlugins.ofMachine(),
                (volume, action) -> { }, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        volumes.close();
    }

    private int adopt(boolean move) throws IOException {
        return new Adoption(kernel, volumes, move, new PrintStream(said)).from(docker);
    }

    private Path here(String name) {
        return directory.resolve("data/volumes").resolve(name).resolve("_data");
    }

    @Test
    void labelsOptionsAndContentComeAlong() throws IOException {
        assertEquals(UNUSABLE, adopt(false));
        volumes.close();
        open();
        assertEquals(Optional.of(LABELS), volumes.resolve("shop_db").labels());
        assertEquals(Optional.of(Map.of("type", "tmpfs", "device", "tmpfs", "o", "size=1m")), volumes.resolve("memory").options());
        assertEquals(Optional.empty(), volumes.resolve("plain").labels());
        assertEquals(3, volumes.list().stream().filter(Volume::isLocal).count());
        assertEquals("n5p", volumes.resolve("httpMount").driver());
        assertEquals("content", Files.readString(here("shop_db").resolve("file")));
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(here("shop_db").resolve("file"))));
        assertEquals(2, Files.getAttribute(here("shop_db").resolve("file"), "unix:nlink"));
        assertEquals("content", Files.readString(content("shop_db").resolve("file")));
        assertFalse(Files.exists(here("shop_db").resolveSibling("adopted")));
    }

    @Test
    void whatIsHereAlreadyStaysAsItIs() throws IOException {
        adopt(false);
        Files.writeString(here("shop_db").resolve("file"), "changed here");
        assertEquals(UNUSABLE, adopt(false));
        assertEquals("changed here", Files.readString(here("shop_db").resolve("file")));
        assertTrue(said.toString(StandardCharsets.UTF_8).contains("there already: shop_db\n"), said::toString);
    }

    @Test
    void whatIsMovedLeavesTheOtherEngine() throws IOException {
        Object inode = Files.getAttribute(content("shop_db").resolve("file"), "unix:ino");
        assertEquals(UNUSABLE, adopt(true));
        assertEquals(inode, Files.getAttribute(here("shop_db").resolve("file"), "unix:ino"));
        assertFalse(Files.exists(content("shop_db")));
        assertEquals(UNUSABLE, adopt(true));
    }

    /** Each of these is what a kill may leave. */
    @Test
    void aCopyThatWasInterruptedIsMadeAgain() throws IOException {
        Files.createDirectories(directory.resolve("data/volumes/.copying/shop_db/_data/half"));
        assertEquals(UNUSABLE, adopt(false));
        assertFalse(Files.exists(here("shop_db").resolve("half")));
        assertEquals("content", Files.readString(here("shop_db").resolve("file")));
    }

    @Test
    void aMoveThatWasInterruptedGoesOn() throws IOException {
        Path aside = Files.createDirectories(directory.resolve("data/volumes/.moving/shop_db"));
        Files.move(content("shop_db"), aside.resolve("_data"));
        volumes.close();
        open();
        assertEquals(Optional.empty(), volumes.find("shop_db"));
        assertEquals(UNUSABLE, adopt(true));
        assertEquals("content", Files.readString(here("shop_db").resolve("file")));
        assertEquals(Optional.of(LABELS), volumes.resolve("shop_db").labels());
    }

    @Test
    void aVolumeThatWasInPlaceWithoutItsRecordGetsIt() throws IOException {
        Files.createDirectories(here("shop_db"));
        Files.writeString(here("shop_db").resolve("file"), "content");
        Files.writeString(here("shop_db").resolveSibling("adopted"), content("shop_db").toString());
        assertEquals(UNUSABLE, adopt(false));
        assertEquals(Optional.of(LABELS), volumes.resolve("shop_db").labels());
        assertFalse(Files.exists(here("shop_db").resolveSibling("adopted")));
    }

    @Test
    void aDirectoryThatNobodyKnowsIsNotTouched() throws IOException {
        Files.createDirectories(here("shop_db").resolve("precious"));
        assertEquals(UNUSABLE + 1, adopt(false));
        assertTrue(said.toString(StandardCharsets.UTF_8).contains("not taken over: shop_db: the directory "), said::toString);
        assertTrue(Files.exists(here("shop_db").resolve("precious")));
        assertTrue(volumes.find("plain").isPresent());
    }

    @Test
    void anEngineThatRunsIsLeftAlone() {
        try (Fd lock = new FileCalls(kernel).open(docker.resolve("volumes/metadata.db").toString(), FileCalls.O_RDONLY, 0)) {
            kernel.call(SystemCall.FLOCK, lock, Argument.of(2));
            IOException refused = assertThrows(IOException.class, () -> adopt(false));
            assertTrue(refused.getMessage().contains("is running: stop it first"), refused::getMessage);
        }
    }

    @Test
    void adoptedVolumesAreNoOnesUntilUsed() throws IOException {
        adopt(false);
        volumes.removeLost(container -> false);
        assertTrue(volumes.list().stream().map(Volume::name).anyMatch(name -> name.text().equals("shop_db")));
    }

    @Test
    void everyVolumeOfADatabaseOfSeveralPagesIsRead() throws IOException {
        Map<String, byte[]> all = BoltFile.open(docker.resolve("volumes/metadata.db")).bucket("volumes").orElseThrow();
        for (int i = 0; i < 30; i++) {
            String name = "many%03d".formatted(i);
            assertTrue(new String(all.get(name), StandardCharsets.UTF_8).contains("{\"number\":\"" + i + "\"}"), name);
        }
    }

    @Test
    void whatIsNoDatabaseIsNamed() throws IOException {
        Files.writeString(docker.resolve("volumes/metadata.db"), "nonsense".repeat(10_000));
        IOException refused = assertThrows(IOException.class, () -> adopt(false));
        assertTrue(refused.getMessage().endsWith("metadata.db is no database of bbolt, or it is damaged"), refused::getMessage);
    }
}
