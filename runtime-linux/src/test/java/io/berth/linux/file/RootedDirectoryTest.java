package io.berth.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.file.RootedDirectory.MountPoint;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.RecordingKernel;
import io.berth.linux.kernel.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootedDirectoryTest {

    private final TemporaryTree tree = new TemporaryTree();
    private final Path path = tree.path();

    @AfterEach
    void remove() {
        tree.close();
    }

    @Test
    void aMountPointThatExistsCostsOneSystemCall() {
        RecordingKernel kernel = new RecordingKernel();
        RootedDirectory root = RootedDirectory.container(kernel, new Fd(kernel, 7));
        root.createMountPoint(BytePath.of("/proc"), MountPoint.DIRECTORY);
        assertEquals(1, kernel.calls().size(), kernel.calls().toString());
        assertTrue(kernel.calls().getFirst().startsWith("openat2(fd 7, \"/proc\""), kernel.calls().toString());
    }

    @Test
    void missingPartsOfAMountPointAreMade() {
        try (RootedDirectory root = tree.container();
                Fd directory = root.createMountPoint(BytePath.of("/a/b/c"), MountPoint.DIRECTORY);
                Fd file = root.createMountPoint(BytePath.of("etc/hosts"), MountPoint.FILE)) {
            assertTrue(FileStatus.of(tree.kernel, directory).isDirectory());
            assertEquals(FileType.REGULAR, FileStatus.of(tree.kernel, file).type());
            assertEquals(0755, root.status(BytePath.of("/a")).permissions());
        }
    }

    @Test
    void linksOfAContainerStayInItsRoot() throws IOException {
        Files.createDirectories(path.resolve("run/x"));
        Files.createSymbolicLink(path.resolve("absolute"), Path.of("/run"));
        Files.createSymbolicLink(path.resolve("climbing"), Path.of("../../../../../run"));
        try (RootedDirectory root = tree.container()) {
            long inode = root.status(BytePath.of("/run/x")).inode();
            assertEquals(inode, root.status(BytePath.of("/absolute/x")).inode());
            assertEquals(inode, root.status(BytePath.of("climbing/x")).inode());
            assertEquals(inode, root.status(BytePath.of("/../../run/x")).inode());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/var/run", "run", "../run", "/../../run"})
    void aMountPointBehindALinkToNothingIsMadeInsideTheRoot(String target) throws IOException {
        Files.createDirectories(path.resolve("var"));
        Files.createSymbolicLink(path.resolve("var/link"), Path.of(target));
        try (RootedDirectory root = tree.container();
                Fd made = root.createMountPoint(BytePath.of("/var/link/secrets"), MountPoint.DIRECTORY)) {
            assertEquals(FileStatus.of(tree.kernel, made).inode(), root.status(BytePath.of("/var/link/secrets")).inode());
            assertTrue(Files.isDirectory(path.resolve("var/run/secrets")) || Files.isDirectory(path.resolve("run/secrets")));
        }
    }

    @Test
    void linksThatChaseEachOtherEnd() throws IOException {
        Files.createSymbolicLink(path.resolve("one"), Path.of("two"));
        Files.createSymbolicLink(path.resolve("two"), Path.of("one"));
        try (RootedDirectory root = tree.container()) {
            SystemCallException refused = assertThrows(SystemCallException.class,
                    () -> root.createMountPoint(BytePath.of("/one"), MountPoint.DIRECTORY));
            assertEquals(Errno.ELOOP, refused.errno());
        }
    }

    @Test
    void aStrictTreeFollowsNoLink() throws IOException {
        Files.createDirectories(path.resolve("real"));
        Files.createSymbolicLink(path.resolve("link"), Path.of("real"));
        try (RootedDirectory root = tree.strict()) {
            SystemCallException refused = assertThrows(SystemCallException.class, () -> root.directory(BytePath.of("link")));
            assertEquals(Errno.ELOOP, refused.errno());
            assertEquals(FileType.SYMBOLIC_LINK, root.status(BytePath.of("link")).type());
            assertThrows(InvalidPathException.class, () -> root.status(BytePath.of("real/../../x")));
        }
    }

    @Test
    void aStrictTreeMayBeDeeperThanAPathIsLong() {
        BytePath deep = BytePath.of(("d".repeat(200) + "/").repeat(100));
        try (RootedDirectory root = tree.strict()) {
            root.makeDirectories(deep).close();
            assertTrue(root.status(deep).isDirectory());
        }
    }

    @Test
    void namesThatAreNotUtf8AreReachedAndListed() {
        FileName name = FileName.of(new byte[] {(byte) 0xff, (byte) 0xfe});
        try (RootedDirectory root = tree.container()) {
            root.root().createFile(name, 0600).close();
            assertEquals(List.of(new Directory.Entry(name, FileType.REGULAR)), root.root().list());
            assertEquals(0600, root.status(BytePath.of(name.bytes())).permissions());
        }
    }

    @Test
    void whatIsMissingIsSaidWithItsPath() {
        try (RootedDirectory root = tree.container()) {
            SystemCallException missing = assertThrows(SystemCallException.class,
                    () -> root.open(BytePath.of("/etc/passwd"), FileCalls.O_RDONLY));
            assertTrue(missing.getMessage().contains("\"/etc/passwd\""), missing.getMessage());
            assertFalse(Files.exists(path.resolve("etc")));
        }
    }
}
