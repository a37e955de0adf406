package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.Directory;
import io.berth.linux.file.ExtendedAttributes;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Fd;
import io.berth.store.content.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerUnpackerTest {

    private static final byte[] OPAQUE = "trusted.overlay.opaque".getBytes(StandardCharsets.US_ASCII);

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final Path path = temporary.path();
    private final RootedDirectory tree = RootedDirectory.strict(temporary.kernel(), temporary.open().fd());

    @AfterEach
    void remove() {
        tree.close();
        temporary.close();
    }

    private long unpack(byte[] tar) throws IOException {
        try (Directory root = temporary.open()) {
            return new LayerUnpacker(temporary.kernel(), root).unpack(new TarReader(new ByteArrayInputStream(tar)));
        }
    }

    private long unpack(TarFixture tar) throws IOException {
        return unpack(tar.bytes());
    }

    private FileStatus status(String name) {
        return tree.status(BytePath.of(name));
    }

    private Optional<byte[]> attribute(String name, byte[] key) {
        try (Fd file = tree.resolveWithoutFollowing(BytePath.of(name))) {
            return new ExtendedAttributes(temporary.kernel()).get(file, key);
        }
    }

    @Test
    void filesKeepContentOwnerModeAndTimes() throws IOException {
        long size = unpack(new TarFixture().mode(0755).directory("./").directory("bin/").mode(04711).owner(3_000_000_000L)
                .pax("mtime", "1234567890.123456789").file("bin/su", "content"));
        assertEquals(7, size);
        assertEquals("content", Files.readString(path.resolve("bin/su")));
        FileStatus su = status("bin/su");
        assertEquals(List.of(04711, (int) 3_000_000_000L, 123_456_789), List.of(su.permissions(), su.uid(), su.modifiedNanos()));
        assertEquals(1_234_567_890L, su.modifiedSeconds());
        assertEquals(1_000_000_000L, status("bin").modifiedSeconds());
        assertEquals(1_000_000_000L, status("/").modifiedSeconds());
    }

    @Test
    void linksDevicesAndFifosAreMade() throws IOException {
        unpack(new TarFixture().file("a", "x").hardLink("b", "./a").symbolicLink("c", "/etc/passwd").mode(0666)
                .device("null", 1, 3).fifo("pipe"));
        assertEquals(status("a").inode(), status("b").inode());
        assertEquals(Path.of("/etc/passwd"), Files.readSymbolicLink(path.resolve("c")));
        assertEquals(List.of(1, 3, 0666),
                List.of(status("null").deviceMajor(), status("null").deviceMinor(), status("null").permissions()));
        assertEquals(FileType.FIFO, status("pipe").type());
    }

    @Test
    void whiteoutsTakeTheFormThatOverlayfsKnows() throws IOException {
        unpack(new TarFixture().file("etc/.wh.passwd", "").file("var/.wh..wh..opq", "").file("var/new", "x")
                .file(".wh..wh.plnk", "").directory("kept").file(".wh.kept", ""));
        assertTrue(status("etc/passwd").isWhiteout());
        assertArrayEquals(new byte[] {'y'}, attribute("var", OPAQUE).orElseThrow());
        assertArrayEquals(new byte[] {'y'}, attribute("kept", OPAQUE).orElseThrow());
        assertEquals(List.of("etc", "kept", "var"), names(path));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gone/", "gone/below"})
    void aDirectoryInThePlaceOfAWhiteoutHidesWhatIsBelow(String name) throws IOException {
        unpack(name.endsWith("/") ? new TarFixture().file(".wh.gone", "").directory(name)
                : new TarFixture().file(".wh.gone", "").file(name, "x"));
        assertTrue(status("gone").isDirectory());
        assertArrayEquals(new byte[] {'y'}, attribute("gone", OPAQUE).orElseThrow());
    }

    @Test
    void attributesAreBytesAndCapabilitiesSurvive() throws IOException {
        byte[] capability = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        unpack(new TarFixture().pax("SCHILY.xattr.security.capability", capability).file("ping", "x")
                .pax("SCHILY.xattr.trusted.binary", new byte[] {(byte) 0xff, '\n', '=', 0}).symbolicLink("link", "ping")
                .pax("SCHILY.xattr.trusted.overlay.redirect", "/etc").directory("d"));
        assertArrayEquals(capability, attribute("ping", "security.capability".getBytes()).orElseThrow());
        assertArrayEquals(new byte[] {(byte) 0xff, '\n', '=', 0}, attribute("link", "trusted.binary".getBytes()).orElseThrow());
        assertEquals(Optional.empty(), attribute("d", "trusted.overlay.redirect".getBytes()));
    }

    @Test
    void namesAreBytesInEveryDialect() throws IOException {
        byte[] latin = {'m', (byte) 0xfc, 'l', 'l'};
        byte[] other = {(byte) 0xff, (byte) 0xfe};
        String longName = "d/" + "n".repeat(200);
        unpack(new TarFixture().file(latin, new byte[0]).pax("path", other).file("ignored", "x").gnuLongName(longName)
                .file("ignored", "long"));
        assertEquals(FileType.REGULAR, tree.status(BytePath.of(latin)).type());
        assertEquals(1, tree.status(BytePath.of(other)).size());
        assertEquals("long", Files.readString(path.resolve(longName)));
    }

    @Test
    void laterMembersReplaceEarlierOnes() throws IOException {
        unpack(new TarFixture().file("a", "old").file("a", "new").directory("b").file("b/c", "x").file("b", "file")
                .file("d", "file").directory("d").file("d/e", "below").directory("keep").file("keep/f", "kept").mode(0700)
                .directory("keep").symbolicLink("s", "a").file("s", "no link"));
        assertEquals("new", Files.readString(path.resolve("a")));
        assertEquals("file", Files.readString(path.resolve("b")));
        assertEquals("below", Files.readString(path.resolve("d/e")));
        assertEquals("kept", Files.readString(path.resolve("keep/f")));
        assertEquals(0700, status("keep").permissions());
        assertEquals(FileType.REGULAR, status("s").type());
    }

    @Test
    void missingParentsAreMadeForEverybodyToEnter() throws IOException {
        unpack(new TarFixture().file("a/b/c", "x"));
        assertEquals(0755, status("a").permissions());
        assertEquals(0755, status("a/b").permissions());
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                Arguments.of("unpack \"/etc/x\": the path is absolute", new TarFixture().file("/etc/x", "")),
                Arguments.of("it leads out of its root", new TarFixture().file("../x", "")),
                Arguments.of("it leads out of its root", new TarFixture().file("a/../../x", "")),
                Arguments.of("it leads out of its root", new TarFixture().directory("..")),
                Arguments.of("the path goes through a symbolic link",
                        new TarFixture().symbolicLink("tmp", "/tmp").file("tmp/x", "")),
                Arguments.of("the path goes through a symbolic link",
                        new TarFixture().directory("real").symbolicLink("l", "real").file("l/x", "")),
                Arguments.of("the path goes through a symbolic link",
                        new TarFixture().symbolicLink("l", "/etc").directory("l/x/")),
                Arguments.of("the path goes through a symbolic link",
                        new TarFixture().symbolicLink("l", "/etc").hardLink("x", "l/passwd")),
                Arguments.of("it leads out of its root", new TarFixture().hardLink("x", "../../etc/passwd")),
                Arguments.of("the path is absolute", new TarFixture().hardLink("x", "/etc/passwd")),
                Arguments.of("the layer has no \"nothing\" to link to", new TarFixture().hardLink("x", "nothing")),
                Arguments.of("goes through something that is no directory", new TarFixture().file("f", "").file("f/x", "")),
                Arguments.of("does not name a directory entry", new TarFixture().file(".wh...", "")),
                Arguments.of("does not name a directory entry", new TarFixture().file("a/.wh.", "")),
                Arguments.of("the root of a layer is a directory", new TarFixture().symbolicLink("./", "/")),
                Arguments.of("it is empty", new TarFixture().file("", "x")),
                Arguments.of("a path has no NUL byte", new TarFixture().pax("path", "a\0b").file("x", "")),
                Arguments.of("unhandled tar header type", new TarFixture().member('Z', "x".getBytes(), "", new byte[0], 0, 0)),
                Arguments.of("a pax record is malformed",
                        new TarFixture().member('x', "pax".getBytes(), "", "99 path=a\n".getBytes(), 0, 0).file("x", "")),
                Arguments.of("a pax record is malformed", new TarFixture().pax("mtime", "1e999999999").file("x", "")),
                Arguments.of("no user or group has the id", new TarFixture().owner(0xffff_ffffL).file("x", "")),
                Arguments.of("a sparse map is out of bounds", new TarFixture().pax("GNU.sparse.map", "0,4,2,4")
                        .file("x", "12345678")));
    }

    @ParameterizedTest
    @MethodSource
    void hostile(String reason, TarFixture tar) throws IOException {
        StoreException refused = assertThrows(StoreException.class, () -> unpack(tar));
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
        assertEquals(StoreException.Kind.INVALID, refused.kind());
        assertFalse(Files.exists(path.resolveSibling("x")));
    }

    @Test
    void everyTruncationInsideAMemberIsNoticed() {
        byte[] whole = new TarFixture().file("a", "x".repeat(700)).bytes();
        for (int length = 1; length < 512 + 700; length += 37) {
            byte[] part = Arrays.copyOf(whole, length);
            StoreException refused = assertThrows(StoreException.class, () -> unpack(part), "at " + length);
            assertEquals("unexpected EOF", refused.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--format=gnu", "--format=gnu --sparse", "--format=pax --sparse --sparse-version=0.0",
        "--format=pax --sparse --sparse-version=0.1", "--format=pax --sparse --sparse-version=1.0", "--format=ustar"})
    void whatGnuTarWritesComesOutTheSame(String options) throws IOException, InterruptedException {
        try (TemporaryDirectory source = new TemporaryDirectory()) {
            Path sparse = source.path().resolve("sparse");
            try (SeekableByteChannel file = Files.newByteChannel(sparse, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE))) {
                for (int i = 0; i < 40; i++) {
                    file.position(i * 1_000_000L).write(ByteBuffer.wrap(("piece " + i).getBytes()));
                }
            }
            Files.createDirectories(source.path().resolve("d/" + "e".repeat(90) + "/" + "f".repeat(40)));
            Files.writeString(source.path().resolve("d/" + "e".repeat(90) + "/" + "f".repeat(40) + "/file"), "deep");
            String command = "tar " + options + " -C " + source.path() + " -cf - .";
            Process process = new ProcessBuilder("sh", "-c", command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            byte[] tar = process.getInputStream().readAllBytes();
            assertEquals(0, process.waitFor());
            unpack(tar);
            assertEquals(-1, Files.mismatch(sparse, path.resolve("sparse")));
            assertEquals("deep", Files.readString(path.resolve("d/" + "e".repeat(90) + "/" + "f".repeat(40) + "/file")));
            if (options.contains("sparse")) {
                Process du = new ProcessBuilder("du", "-k", path.resolve("sparse").toString()).start();
                long kib = Long.parseLong(new String(du.getInputStream().readAllBytes()).split("\t")[0]);
                assertTrue(kib < 1000, kib + " KiB");
            }
        }
    }

    @Test
    void aTreeDeeperThanAnyPathIsUnpacked() throws IOException {
        StringBuilder deep = new StringBuilder();
        for (int i = 0; i < 600; i++) {
            deep.append("directory/");
        }
        unpack(new TarFixture().pax("path", deep + "file").file("x", "bottom").pax("path", deep + "more").file("x", ""));
        List<FileName> names = BytePath.of(deep.toString()).names();
        try (Directory bottom = tree.directory(names)) {
            assertEquals(2, bottom.list().size());
        }
    }
}
