package io.berth.linux.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies on a real file system; needs root, for owners and devices. */
class TreeCopyTest {

    private static final byte[] ATTRIBUTE = "user.berth".getBytes(StandardCharsets.UTF_8);

    private final Kernel kernel = new JnrKernel();
    @TempDir
    Path temporary;
    private Path source;
    private Path target;

    @BeforeEach
    void makeDirectories() throws IOException {
        source = Files.createDirectory(temporary.resolve("source"));
        target = Files.createDirectory(temporary.resolve("target"));
    }

    private void copy() {
        try (Directory from = Directory.open(kernel, source.toString()); Directory to = Directory.open(kernel, target.toString())) {
            TreeCopy.copy(kernel, from, to);
        }
    }

    @Test
    void everythingThatMakesAFileWhatItIsComesAlong() throws IOException {
        try (Directory directory = Directory.open(kernel, source.toString())) {
            directory.createFile(FileName.of("file"), 0600).close();
            directory.makeNode(FileName.of("pipe"), FileType.FIFO, 0600, 0, 0);
            directory.makeNode(FileName.of("device"), FileType.CHARACTER_DEVICE, 0600, 1, 3);
            directory.makeSymbolicLink(FileName.of("soft"), "nowhere".getBytes(StandardCharsets.UTF_8));
            directory.makeDirectory(FileName.of("inner"), 0700);
            for (String name : new String[] {"file", "pipe", "device", "soft", "inner"}) {
                directory.setOwner(FileName.of(name), 1000, 1001);
                if (!name.equals("soft")) {
                    directory.setPermissions(FileName.of(name), name.equals("file") ? 04751 : 0421);
                }
                directory.setTimes(FileName.of(name), 1_000_000_000, 123_456_789);
            }
            try (Fd file = directory.openPath(FileName.of("file"))) {
                new ExtendedAttributes(kernel).set(file, ATTRIBUTE, new byte[] {1, 0, 2});
            }
            directory.setTimes(FileName.of("file"), 1_000_000_000, 123_456_789);
        }
        copy();
        try (Directory from = Directory.open(kernel, source.toString()); Directory to = Directory.open(kernel, target.toString())) {
            for (String name : new String[] {"file", "pipe", "device", "soft", "inner"}) {
                FileStatus a = from.status(FileName.of(name));
                FileStatus b = to.status(FileName.of(name));
                assertEquals(told(a), told(b), name);
            }
            assertArrayEquals("nowhere".getBytes(StandardCharsets.UTF_8), to.readLink(FileName.of("soft")));
            try (Fd file = to.open(FileName.of("file"), FileCalls.O_RDONLY, 0)) {
                assertArrayEquals(new byte[] {1, 0, 2}, new ExtendedAttributes(kernel).get(file, ATTRIBUTE).orElseThrow());
            }
        }
    }

    private static String told(FileStatus status) {
        return status.type() + " " + Integer.toOctalString(status.permissions()) + " " + status.uid() + ":" + status.gid() + " " + status.size() + " "
                + status.modifiedSeconds() + "." + status.modifiedNanos() + " " + status.deviceMajor() + "," + status.deviceMinor();
    }

    @Test
    void theTopTakesOwnerAndModeOfTheSource() {
        try (Directory above = Directory.open(kernel, temporary.toString())) {
            above.setOwner(FileName.of("source"), 33, 34);
            above.setPermissions(FileName.of("source"), 03770);
            copy();
            assertEquals(told(above.status(FileName.of("source"))), told(above.status(FileName.of("target"))));
        }
    }

    @Test
    void contentOfAnyLengthIsCopied() throws IOException {
        byte[] content = new byte[700_001];
        new Random(1).nextBytes(content);
        Files.write(source.resolve("file"), content);
        Files.createFile(source.resolve("empty"));
        copy();
        assertArrayEquals(content, Files.readAllBytes(target.resolve("file")));
        assertEquals(0, Files.size(target.resolve("empty")));
    }

    @Test
    void namesOfOneFileAreNamesOfOneCopy() throws IOException {
        Files.createDirectory(source.resolve("a"));
        Files.createDirectory(source.resolve("b"));
        Files.writeString(source.resolve("a/file"), "content");
        Files.createLink(source.resolve("b/file"), source.resolve("a/file"));
        copy();
        assertEquals(Files.getAttribute(target.resolve("a/file"), "unix:ino"), Files.getAttribute(target.resolve("b/file"), "unix:ino"));
        assertEquals("content", Files.readString(target.resolve("b/file")));
    }

    @Test
    void socketsStayBehind() throws IOException {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(source.resolve("socket")));
            Files.createFile(source.resolve("file"));
            copy();
        }
        assertFalse(Files.exists(target.resolve("socket")));
        assertTrue(Files.exists(target.resolve("file")));
    }

    @Test
    void aDeepTreeIsCopied() {
        int depth = 3000;
        try (Directory top = Directory.open(kernel, source.toString())) {
            Directory at = top.again();
            for (int i = 0; i < depth; i++) {
                at.makeDirectory(FileName.of("d"), 0755);
                Directory next = at.directory(FileName.of("d"));
                at.close();
                at = next;
            }
            at.createFile(FileName.of("file"), 0644).close();
            at.close();
        }
        copy();
        int found = 0;
        try (Directory top = Directory.open(kernel, target.toString()); Directory above = Directory.open(kernel, temporary.toString())) {
            Directory at = top.again();
            while (at.find(FileName.of("d")).isPresent()) {
                Directory next = at.directory(FileName.of("d"));
                at.close();
                at = next;
                found++;
            }
            assertTrue(at.find(FileName.of("file")).isPresent());
            at.close();
            above.removeTree(FileName.of("source"));
            above.removeTree(FileName.of("target"));
        }
        assertEquals(depth, found);
    }
}
