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
