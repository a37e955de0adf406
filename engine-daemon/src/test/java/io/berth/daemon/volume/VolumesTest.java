package io.berth.daemon.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.http.ApiException;
import io.berth.daemon.volume.plugin.VolumePlugins;
import io.berth.linux.file.Directory;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.store.durable.DiskFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VolumesTest {

    private static final VolumeName DATA = new VolumeName("data");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T12:00:00.123Z"), ZoneOffset.UTC);

    private final Kernel kernel = new JnrKernel();
    private final List<String> events = new ArrayList<>();
    @TempDir
    Path directory;
    private Volumes volumes;

    @BeforeEach
    void open() {
        volumes = Volumes.open(kernel, new DiskFiles(), directory, directory.resolve("run"), VolumePlugins.ofMachine(), (volume, action) -> events.add(action + " " + volume.name()), CLOCK);
    }

    @AfterEach
    void close() {
        volumes.close();
    }

    private static VolumeRequest labelled(String value) {
        return new VolumeRequest(Optional.empty(), Optional.of(Map.of("a", value)), Optional.empty());
    }

    private void reopen() {
        volumes.close();
        open();
    }

    @Test
    void aVolumeIsADirectoryThatSurvivesTheDaemon() {
        Volume made = volumes.create(DATA, labelled("b"));
        assertEquals(Instant.parse("2026-03-01T12:00:00Z"), made.created());
        assertTrue(Files.isDirectory(directory.resolve("volumes/data/_data")));
        reopen();
        assertEquals(List.of(made), volumes.list());
        assertEquals(Optional.of(Map.of("a", "b")), volumes.resolve("data").labels());
        assertEquals(Optional.empty(), volumes.resolve("data").options());
    }

    @Test
    void whatIsThereIsNotMadeAgain() {
        Volume made = volumes.create(DATA, labelled("b"));
        assertEquals(made, volumes.create(DATA, labelled("c")));
        assertEquals(made, volumes.acquire(DATA, VolumeRequest.ANY, "c1"));
        assertEquals(List.of("create data"), events);
    }

    @Test
    void aVolumeInUseIsNotRemoved() throws IOException {
        volumes.acquire(DATA, VolumeRequest.ANY, "c2");
        volumes.acquire(DATA, VolumeRequest.ANY, "c1");
        Files.writeString(volumes.content(DATA).resolve("file"), "content");
        ApiException refused = assertThrows(ApiException.class, () -> volumes.remove("data"));
        assertEquals("remove data: volume is in use - [c1, c2]", refused.getMessage());
        assertEquals(ApiException.Kind.CONFLICT, refused.kind());
        assertFalse(volumes.removeUnused(DATA));
        volumes.release(DATA, "c1");
        volumes.release(DATA, "c2");
        volumes.remove("data");
        assertEquals(List.of("create data", "destroy data"), events);
        assertFalse(Files.exists(directory.resolve("volumes/data")));
        assertEquals("get data: no such volume", assertThrows(ApiException.class, () -> volumes.remove("data")).getMessage());
        reopen();
        assertEquals(List.of(), volumes.list());
    }

    @Test
    void aNewVolumeOfAnOldNameIsEmpty() throws IOException {
        volumes.create(DATA, VolumeRequest.ANY);
        Files.writeString(volumes.content(DATA).resolve("file"), "content");
        volumes.remove("data");
        volumes.create(DATA, VolumeRequest.ANY);
        assertEquals(0, volumes.size(DATA));
        reopen();
        assertTrue(volumes.find("data").isPresent());
    }

    /** The record of the removal is written before the directory goes. */
    @Test
    void theDirectoryThatACrashLeavesGoesAtTheNextStart() throws IOException {
        volumes.create(DATA, VolumeRequest.ANY);
        volumes.remove("data");
        Files.createDirectories(directory.resolve("volumes/data/_data/left"));
        Files.createDirectories(directory.resolve("volumes/.trash/x/y"));
        reopen();
        assertFalse(Files.exists(directory.resolve("volumes/data")));
        assertFalse(Files.exists(directory.resolve("volumes/.trash/x")));
    }

    @Test
    void aDirectoryThatNoRecordSpeaksOfIsLeftAlone() throws IOException {
        Files.createDirectories(directory.resolve("volumes/other/_data/precious"));
        reopen();
        assertTrue(Files.exists(directory.resolve("volumes/other/_data/precious")));
    }

    @Test
    void whatWasMadeForAContainerThatNeverCameIntoBeingIsRemoved() {
        Volume lost = volumes.acquireAnonymous(labelled("b"), "c1");
        Volume used = volumes.acquireAnonymous(VolumeRequest.ANY, "c2");
        Volume kept = volumes.acquireAnonymous(VolumeRequest.ANY, "c3");
        volumes.acquire(DATA, VolumeRequest.ANY, "c1");
        volumes.keep(kept.name());
        assertEquals(Optional.of(Map.of("a", "b", Volume.ANONYMOUS, "")), lost.labels());
        reopen();
        volumes.use(used.name(), "c2");
        volumes.removeLost(container -> container.equals("c2"));
        assertEquals(Set.of(used.name(), kept.name(), DATA), Set.copyOf(volumes.list().stream().map(Volume::name).toList()));
        assertEquals(Set.of("c2"), volumes.users(used.name()));
        assertTrue(volumes.resolve(kept.name().text()).isAnonymous());
    }

    @Test
    void anEmptyVolumeIsFilledAndAnotherIsNot() throws IOException {
        Path image = Files.createDirectories(directory.resolve("image/inner"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")))
                .getParent();
        Files.writeString(image.resolve("inner/file"), "content");
        volumes.acquire(DATA, VolumeRequest.ANY, "c1");
        try (Directory from = Directory.open(kernel, image.toString())) {
            volumes.fill(DATA, "c1", from);
            assertEquals("content", Files.readString(volumes.content(DATA).resolve("inner/file")));
            assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(volumes.content(DATA).resolve("inner"))));
            Files.delete(volumes.content(DATA).resolve("inner/file"));
            volumes.fill(DATA, "c1", from);
            assertFalse(Files.exists(volumes.content(DATA).resolve("inner/file")));
        }
    }

    /** Whoever has it mounted sees what it is filled with. */
    @Test
    void theDirectoryOfAVolumeThatOthersUseStaysTheSame() throws IOException {
        Path image = Files.createDirectories(directory.resolve("image"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x---")));
        Files.writeString(image.resolve("file"), "content");
        volumes.acquire(DATA, VolumeRequest.ANY, "c1");
        volumes.acquire(DATA, VolumeRequest.ANY, "c2");
        Object before = Files.getAttribute(volumes.content(DATA), "unix:ino");
        try (Directory from = Directory.open(kernel, image.toString())) {
            volumes.fill(DATA, "c1", from);
        }
        assertEquals(before, Files.getAttribute(volumes.content(DATA), "unix:ino"));
        assertEquals("content", Files.readString(volumes.content(DATA).resolve("file")));
        assertEquals("rwx--x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(volumes.content(DATA))));
        assertFalse(Files.exists(directory.resolve("volumes/data/_copying")));
    }

    /** Either the user came first, and the removal is refused, or it gets a new volume. */
    @Test
    void nobodyEverUsesAVolumeThatIsGone() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 100; round++) {
                volumes.create(DATA, VolumeRequest.ANY);
                CyclicBarrier together = new CyclicBarrier(2);
                Future<Volume> user = threads.submit(() -> {
                    together.await();
                    return volumes.acquire(DATA, VolumeRequest.ANY, "c1");
                });
                Future<Boolean> remover = threads.submit(() -> {
                    together.await();
                    return volumes.removeUnused(DATA);
                });
                user.get();
                remover.get();
                assertEquals(Set.of("c1"), volumes.users(DATA));
                assertTrue(volumes.find("data").isPresent() && Files.isDirectory(volumes.content(DATA)));
                volumes.release(DATA, "c1");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "x | create x: volume name is too short, names should be at least two alphanumeric characters",
        "a b | \"create a b: \"a b\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path\"",
        "../a | \"create ../a: \"../a\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path\""})
    void aNameIsThatOfADirectory(String name, String message) {
        String expected = message.startsWith("\"") ? message.substring(1, message.length() - 1) : message;
        assertEquals(expected, assertThrows(ApiException.class, () -> new VolumeName(name)).getMessage());
    }
}
