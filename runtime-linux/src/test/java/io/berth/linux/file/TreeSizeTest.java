package io.berth.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TreeSizeTest {

    private final TemporaryTree tree = new TemporaryTree();

    @AfterEach
    void remove() {
        tree.close();
    }

    @Test
    void filesOfAllLevelsCountAndALinkCountsAsItself() throws IOException {
        Path below = Files.createDirectories(tree.path().resolve("a/b"));
        Files.write(tree.path().resolve("one"), new byte[10]);
        Files.write(below.resolve("two"), new byte[200]);
        Files.createSymbolicLink(below.resolve("up"), Path.of("../../.."));
        assertEquals(218, size());
    }

    /** The sum of what the kernel says of each, which is what du(1) does. */
    @Test
    void onTheDiskAFileWithTwoNamesCountsOnceAndDirectoriesCountToo() throws IOException {
        Path directory = Files.createDirectory(tree.path().resolve("d"));
        Path file = Files.write(directory.resolve("one"), new byte[100_000]);
        Files.createLink(tree.path().resolve("two"), file);
        try (Directory root = tree.directory(); Directory below = root.directory(FileName.of("d"))) {
            long expected = FileStatus.of(root.kernel(), root.fd()).allocated() + FileStatus.of(root.kernel(), below.fd()).allocated()
                    + below.status(FileName.of("one")).allocated();
            assertEquals(expected, TreeSize.allocated(root));
            assertEquals(200_000, TreeSize.of(root));
        }
    }

    @Test
    void aTreeAsDeepAsPathsCanBeIsCountedToItsEnd() {
        FileName name = FileName.of("d");
        Directory deepest = tree.directory();
        for (int depth = 0; depth < 2047; depth++) {
            deepest.makeDirectory(name, 0755);
            Directory next = deepest.directory(name);
            deepest.close();
            deepest = next;
        }
        deepest.makeSymbolicLink(FileName.of("link"), "seven77".getBytes());
        deepest.close();
        assertEquals(7, size());
    }

    @Test
    void aDirectoryThatWasRemovedHasNothingInIt() {
        Directory parent = tree.directory();
        FileName name = FileName.of("gone");
        parent.makeDirectory(name, 0755);
        try (Directory gone = parent.directory(name)) {
            parent.removeDirectory(name);
            assertEquals(0, gone.list().size());
            assertEquals(0, TreeSize.of(gone));
        }
        parent.close();
    }

    private long size() {
        try (Directory directory = tree.directory()) {
            return TreeSize.of(directory);
        }
    }
}
