package io.berth.linux.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.SystemCallException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DirectoryTest {

    private static final FileName A = FileName.of("a");
    private static final FileName B = FileName.of("b");

    private final TemporaryTree tree = new TemporaryTree();
    private final Directory directory = tree.directory();

    @AfterEach
    void remove() {
        directory.close();
        tree.close();
    }

    @Test
    void ownerPermissionsAndTimesAreSetOnEveryKindOfFile() {
        directory.makeSymbolicLink(A, "/etc/passwd".getBytes());
        directory.setOwner(A, 12, 34);
        directory.setTimes(A, 1_000_000_000L, 987_654_321);
        FileStatus link = directory.status(A);
        assertEquals(List.of(12, 34, 987_654_321), List.of(link.uid(), link.gid(), link.modifiedNanos()));
        assertEquals(1_000_000_000L, link.modifiedSeconds());
        assertArrayEquals("/etc/passwd".getBytes(), directory.readLink(A));

        directory.makeNode(B, FileType.CHARACTER_DEVICE, 0600, 4000, 123456);
        directory.setPermissions(B, 04751);
        FileStatus device = directory.status(B);
        assertEquals(List.of(04751, 4000, 123456), List.of(device.permissions(), device.deviceMajor(), device.deviceMinor()));
        assertEquals(FileType.CHARACTER_DEVICE, device.type());
    }

    @Test
    void aHardLinkIsTheSameFile() {
        directory.createFile(A, 0600).close();
        directory.link(B, directory, A);
        assertEquals(directory.status(A).inode(), directory.status(B).inode());
        assertEquals(2, directory.status(A).linkCount());
    }

    @Test
    void creatingNeverWritesThroughALink() {
        directory.makeSymbolicLink(A, "b".getBytes());
        SystemCallException refused = assertThrows(SystemCallException.class, () -> directory.createFile(A, 0600));
        assertEquals(Errno.EEXIST, refused.errno());
        assertEquals(Optional.empty(), directory.find(B));
    }

    @Test
    void attributesAreBytesOnFilesLinksAndUnreadableDirectories() {
        ExtendedAttributes attributes = new ExtendedAttributes(tree.kernel);
        directory.makeSymbolicLink(A, "nowhere".getBytes());
        directory.makeDirectory(B, 0);
        byte[] name = "trusted.berth-test".getBytes();
        for (FileName file : List.of(A, B)) {
            try (Fd path = directory.openPath(file)) {
                attributes.set(path, name, new byte[] {0, (byte) 0xff, 0});
                assertArrayEquals(new byte[] {0, (byte) 0xff, 0}, attributes.get(path, name).orElseThrow());
                assertTrue(attributes.list(path).stream().anyMatch(listed -> new String(listed).equals("trusted.berth-test")));
                attributes.remove(path, name);
                assertEquals(Optional.empty(), attributes.get(path, name));
            }
        }
    }

    @Test
    void aLongListingIsComplete() {
        Set<FileName> expected = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            FileName name = FileName.of("a-name-of-some-length-" + i);
            directory.createFile(name, 0600).close();
            expected.add(name);
        }
        Set<FileName> listed = new HashSet<>();
        directory.list().forEach(entry -> listed.add(entry.name()));
        assertEquals(expected, listed);
        assertEquals(3000, directory.list().size());
    }

    @Test
    void aTreeDeeperThanAnyPathOrStackIsRemoved() {
        directory.makeDirectory(A, 0755);
        Directory at = directory.directory(A);
        for (int depth = 0; depth < 3000; depth++) {
            at.makeDirectory(B, 0755);
            at.createFile(FileName.of(".removed-" + depth % 3), 0600).close();
            Directory next = at.directory(B);
            at.close();
            at = next;
        }
        at.close();
        directory.removeTree(A);
        assertEquals(List.of(), directory.list());
    }

    @Test
    void removingATreeDoesNotFollowItsLinks() {
        directory.makeDirectory(A, 0755);
        directory.makeDirectory(B, 0755);
        try (Directory kept = directory.directory(A); Directory removed = directory.directory(B)) {
            kept.createFile(A, 0600).close();
            removed.makeSymbolicLink(A, "../a".getBytes());
        }
        directory.removeTree(B);
        try (Directory kept = directory.directory(A)) {
            assertEquals(1, kept.list().size());
        }
    }
}
