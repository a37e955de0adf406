package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.file.Directory;
import io.berth.linux.file.ExtendedAttributes;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileType;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is packed is what is there, and what is unpacked from it is the same again. Needs root, as everything about owners does. */
class TreePackerTest {

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final Path path = temporary.path();

    @AfterEach
    void remove() {
        temporary.close();
    }

    private byte[] pack(TreePacker.Form form) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(out);
        try (Directory root = temporary.open()) {
            new TreePacker(temporary.kernel(), tar, form).addContents(root);
        }
        tar.finish();
        return out.toByteArray();
    }

    private static List<TarEntry> entries(byte[] tar) throws IOException {
        List<TarEntry> entries = new ArrayList<>();
        TarReader reader = new TarReader(new ByteArrayInputStream(tar));
        for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            entries.add(entry.get());
        }
        return entries;
    }

    private static List<String> names(List<TarEntry> entries) {
        return entries.stream().map(entry -> entry.displayPath() + " " + entry.type()).toList();
    }

    @Test
    void membersComeInTheOrderOfTheirNamesParentsFirst() throws IOException {
        Files.createDirectories(path.resolve("b/x"));
        Files.writeString(path.resolve("b/x/f"), "1");
        Files.writeString(path.resolve("a"), "1");
        Files.createSymbolicLink(path.resolve("c"), Path.of("/etc"));
        assertEquals(List.of("a REGULAR", "b/ DIRECTORY", "b/x/ DIRECTORY", "b/x/f REGULAR", "c SYMBOLIC_LINK"), names(entries(pack(TreePacker.Form.FILES))));
    }

    @Test
    void fileWithSeveralNamesIsPackedOnceWhateverLinksItHasOutside() throws IOException {
        Files.writeString(path.resolve("a"), "1");
        Files.createLink(path.resolve("b"), path.resolve("a"));
        Files.createLink(path.resolve("c"), path.resolve("a"));
        List<TarEntry> entries = entries(pack(TreePacker.Form.FILES));
        assertEquals(List.of("a REGULAR", "b HARD_LINK", "c HARD_LINK"), names(entries));
        assertEquals("a", new String(entries.get(2).linkPath(), StandardCharsets.UTF_8));
    }

    @Test
    void socketsAreLeftOut() throws IOException {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(path.resolve("socket")));
            assertEquals(List.of(), entries(pack(TreePacker.Form.FILES)));
        }
    }

    @Test
    void holesStayHoles() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.resolve("sparse").toFile(), "rw")) {
            file.seek(10 << 20);
            file.write(new byte[] {1, 2, 3});
            file.setLength(20 << 20);
        }
        byte[] tar = pack(TreePacker.Form.FILES);
        assertTrue(tar.length < 100_000, () -> tar.length + " bytes");
        try (TemporaryDirectory copy = new TemporaryDirectory(); Directory root = copy.open()) {
            new LayerUnpacker(copy.kernel(), root).unpack(new TarReader(new ByteArrayInputStream(tar)));
            assertArrayEquals(Files.readAllBytes(path.resolve("sparse")), Files.readAllBytes(copy.path().resolve("sparse")));
        }
    }

    @Test
    void overlaysMarksBecomeThoseOfLayersAndComeBackTheSame() throws IOException {
        byte[] opaque = "trusted.overlay.opaque".getBytes(StandardCharsets.US_ASCII);
        try (Directory root = temporary.open()) {
            root.makeNode(FileName.of("gone"), FileType.CHARACTER_DEVICE, 0, 0, 0);
            root.makeDirectory(FileName.of("new"), 0755);
            try (Directory made = root.directory(FileName.of("new"))) {
                new ExtendedAttributes(temporary.kernel()).set(made.fd(), opaque, new byte[] {'y'});
                made.createFile(FileName.of("f"), 0644).close();
            }
        }
        byte[] tar = pack(TreePacker.Form.CHANGES);
        assertEquals(List.of(".wh.gone REGULAR", "new/ DIRECTORY", "new/.wh..wh..opq REGULAR", "new/f REGULAR"), names(entries(tar)));
        assertTrue(entries(tar).stream().allMatch(entry -> entry.attributes().isEmpty()));
        try (TemporaryDirectory copy = new TemporaryDirectory(); Directory root = copy.open()) {
            new LayerUnpacker(copy.kernel(), root).unpack(new TarReader(new ByteArrayInputStream(tar)));
            assertTrue(root.status(FileName.of("gone")).isWhiteout());
            try (Fd made = root.open(FileName.of("new"), FileCalls.O_RDONLY | FileCalls.O_DIRECTORY, 0)) {
                assertTrue(new ExtendedAttributes(copy.kernel()).get(made, opaque).isPresent());
            }
        }
    }

    @Test
    void attributesThatMeanTheSameElsewhereAreKept() throws IOException {
        Files.writeString(path.resolve("f"), "1");
        byte[] capability = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        try (Directory root = temporary.open(); Fd file = root.openPath(FileName.of("f"))) {
            ExtendedAttributes attributes = new ExtendedAttributes(temporary.kernel());
            attributes.set(file, "security.capability".getBytes(StandardCharsets.US_ASCII), capability);
            attributes.set(file, "trusted.mine".getBytes(StandardCharsets.US_ASCII), capability);
        }
        List<TarEntry.Attribute> packed = entries(pack(TreePacker.Form.FILES)).getFirst().attributes();
        assertEquals(List.of("security.capability"), packed.stream().map(attribute -> new String(attribute.name(), StandardCharsets.US_ASCII)).toList());
        assertArrayEquals(capability, packed.getFirst().value());
    }

    @Test
    void treeOfAThousandLevelsIsPackedWithoutRecursion() throws IOException {
        try (Directory root = temporary.open()) {
            Directory at = root.again();
            for (int i = 0; i < 1000; i++) {
                at.makeDirectory(FileName.of("d"), 0755);
                Directory next = at.directory(FileName.of("d"));
                at.close();
                at = next;
            }
            at.close();
        }
        assertEquals(1000, entries(pack(TreePacker.Form.FILES)).size());
    }
}
