package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes of the driver local with something mounted in them: one mount of the host, shared by all containers that have the volume. */
class MountedVolumesTest extends ContainerTest {

    private static final String MEMORY = "berth-test-memory";

    @AfterEach
    void removeVolumes() {
        removeContainers();
        assertEquals(List.of(), mounted());
        docker("volume", "ls", "-q", "--filter", "name=^berth-test").succeeded().lines().forEach(name -> docker("volume", "rm", name).succeeded());
    }

    private static List<String> mounted() {
        return engine.amongMounts("cat", "/proc/self/mountinfo").succeeded().lines().filter(line -> line.contains("/volumes/berth-test-")).toList();
    }

    private static void make(String name, String type, String device, String options) {
        docker("volume", "create", "--opt", "type=" + type, "--opt", "device=" + device, "--opt", "o=" + options, name).succeeded();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "{\"type\":\"tmpfs\"} | missing required option: \"device\"",
        "{\"device\":\"/x\"} | missing required option: \"type\"",
        "{\"o\":\"bind\",\"device\":\"/x\"} | missing required option: \"type\"",
        "{\"size\":\"10m\"} | quota size requested but no quota support",
        "{\"size\":\"abc\"} | invalid size: 'abc'",
        "{\"type\":\"tmpfs\",\"device\":\"tmpfs\",\"foo\":\"bar\"} | invalid option: \"foo\""})
    void optionsThatMakeNoSenseAreRefused(String options, String message) {
        RawHttp.Answer answer = engine.request("POST", "/volumes/create", "{\"Name\":\"berth-test-x\",\"DriverOpts\":" + options + "}");
        assertEquals("400 create berth-test-x: " + message, answer.status() + " " + message(answer));
    }

    @Test
    void aFileSystemInMemoryIsSharedAndGoesWithItsLastUser() {
        make(MEMORY, "tmpfs", "tmpfs", "size=1m");
        String first = runDetached("-v", MEMORY + ":/x", IMAGE, "sleep", "1000");
        docker("exec", first, "sh", "-c", "echo shared >/x/file").succeeded();
        assertEquals(1, mounted().size());
        assertEquals("shared", inside("cat /y/file", "-v", MEMORY + ":/y"));
        assertTrue(inside("df -k /y | tail -1", "-v", MEMORY + ":/y").contains("1024"));
        docker("kill", first).succeeded();
        Await.until("the mount to be gone", PATIENCE, () -> mounted().isEmpty(), () -> mounted().toString());
        assertEquals("", inside("ls /y", "-v", MEMORY + ":/y"));
    }

    @Test
    void aDirectoryOfTheHostIsReadThroughAVolumeThatForbidsWriting() throws IOException {
        Path directory = Files.createTempDirectory(engine.scratch(), "bound");
        Files.writeString(directory.resolve("file"), "there");
        make("berth-test-bound", "none", directory.toString(), "rbind,ro");
        assertEquals("there", inside("cat /x/file", "-v", "berth-test-bound:/x"));
        assertFails(1, "Read-only file system", script("echo x >/x/file", "-v", "berth-test-bound:/x"));
        docker("volume", "rm", "berth-test-bound").succeeded();
        assertEquals("there", Files.readString(directory.resolve("file")));
    }

    @Test
    void aBlockDeviceIsMountedAndKeepsWhatIsWritten() throws IOException {
        Path image = engine.scratch().resolve("disk.img");
        Commands.run("truncate", "-s", "16M", image.toString()).succeeded();
        Commands.run("mkfs.ext4", "-q", "-F", image.toString()).succeeded();
        String device = Commands.run("losetup", "--find", "--show", image.toString()).succeeded().strip();
        try {
            make("berth-test-disk", "ext4", device, "noatime");
            inside("echo kept >/x/file", "-v", "berth-test-disk:/x");
            Await.until("the mount to be gone", PATIENCE, () -> mounted().isEmpty(), () -> mounted().toString());
            assertEquals("kept", inside("cat /x/file", "-v", "berth-test-disk:/x"));
        } finally {
            Commands.run("losetup", "--detach", device).succeeded();
        }
    }

    /** docker run makes the code of the words: a program that is not found has the same. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "127 | none | /nonexistent | bind | mount /nonexistent:MOUNTPOINT, flags: 0x1000: no such file or directory",
        "125 | nonsense | x | ro | mount x:MOUNTPOINT, flags: 0x1: no such device",
        "125 | tmpfs | tmpfs | nosuid,foo=bar | mount tmpfs:MOUNTPOINT, flags: 0x2, data: foo=bar: invalid argument"})
    void whatCannotBeMountedIsToldAndLeavesNothing(int code, String type, String device, String options, String message) {
        make("berth-test-broken", type, device, options);
        String mountpoint = docker("volume", "inspect", "--format", "{{.Mountpoint}}", "berth-test-broken").succeeded().strip();
        assertFails(code, "error while mounting volume '" + mountpoint + "': failed to mount local volume: " + message.replace("MOUNTPOINT", mountpoint),
                run("--rm", "-v", "berth-test-broken:/x", IMAGE, "true"));
        assertEquals(List.of(), mounted());
    }

    @Test
    void theLongFormMakesAVolumeWithOptions() {
        String mount = "type=volume,src=" + MEMORY + ",dst=/x,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-opt=o=size=2m";
        assertTrue(inside("df -k /x | tail -1", "--mount", mount).contains("2048"));
        assertEquals("{\"device\":\"tmpfs\",\"o\":\"size=2m\",\"type\":\"tmpfs\"}",
                docker("volume", "inspect", "--format", "{{json .Options}}", MEMORY).succeeded().strip());
        assertFails(125, "create berth-test-other: missing required option: \"device\"",
                run("--rm", "--mount", "type=volume,src=berth-test-other,dst=/x,volume-opt=type=tmpfs", IMAGE, "true"));
    }

    @Test
    void filesAreCopiedThroughAVolumeOfAContainerThatDoesNotRun() throws IOException {
        Path directory = Files.createTempDirectory(engine.scratch(), "bound");
        make("berth-test-bound", "none", directory.toString(), "bind");
        String container = docker(marked("create", "-v", "berth-test-bound:/x", IMAGE, "true")).succeeded().strip();
        Files.writeString(engine.scratch().resolve("sent"), "sent");
        docker("cp", engine.scratch().resolve("sent").toString(), container + ":/x/").succeeded();
        assertEquals("sent", Files.readString(directory.resolve("sent")));
        Await.until("the mount to be gone", PATIENCE, () -> mounted().isEmpty(), () -> mounted().toString());
    }
}
