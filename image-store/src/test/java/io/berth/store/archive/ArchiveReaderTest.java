package io.berth.store.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Removed;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.TarFixture;
import io.berth.store.layer.TemporaryDirectory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lines and errors as the reference engine 28.5 gives them. */
class ArchiveReaderTest {

    private static final byte[] BASE = new TarFixture().directory("./").file("etc/motd", "hello").file("gone", "x").bytes();
    private static final byte[] ABOVE = new TarFixture().file("etc/motd", "hello again").file(".wh.gone", "").bytes();
    private static final ArchiveFixture IMAGE = ArchiveFixture.plain(BASE, ABOVE);

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final ImageStore store = ImageStore.open(temporary.path(), temporary.kernel(), image -> List.of(),
            (action, image, name, labels) -> { });
    private final List<String> lines = new ArrayList<>();

    @AfterEach
    void remove() {
        store.close();
        temporary.close();
    }

    private List<StoredImage> load(byte[] archive) throws IOException {
        return store.archives().load(new ByteArrayInputStream(archive), List.of(), new LoadProgress() {
            @Override
            public void line(String line) {
                lines.add(line);
            }

            @Override
            public void layer(Digest diffId, long current, long total) {
                assertTrue(current <= total);
            }
        });
    }

    private void assertIsIn(Digest id) throws IOException {
        StoredImage image = store.images().resolve(id.toString());
        assertEquals(List.of("sh"), store.images().config(id).process().command());
        List<Path> directories = store.lowerDirectories(image);
        assertEquals("hello again", Files.readString(directories.get(0).resolve("etc/motd")));
        assertEquals("hello", Files.readString(directories.get(1).resolve("etc/motd")));
        assertEquals("hello again".length() + "hello".length() + 1, image.size());
    }

    static Stream<Arguments> forms() {
        ArchiveFixture packed = new ArchiveFixture(List.of(BASE, ABOVE), List.of(TarFixture.gzip(BASE), Zstd.compress(ABOVE)));
        return Stream.of(
                Arguments.of("docker 28", IMAGE.docker("app:1").bytes(), List.of("Loaded image: app:1\n")),
                Arguments.of("docker 24", IMAGE.oldDocker("app:1", "me/app:2").bytes(),
                        List.of("Loaded image: app:1\n", "Loaded image: me/app:2\n")),
                Arguments.of("docker, gzip", TarFixture.gzip(IMAGE.docker("app:1").bytes()), List.of("Loaded image: app:1\n")),
                Arguments.of("docker, zstd", Zstd.compress(IMAGE.docker("app:1").bytes()), List.of("Loaded image: app:1\n")),
                Arguments.of("docker, no name", IMAGE.docker().bytes(), List.of("Loaded image ID: " + IMAGE.id() + "\n")),
                Arguments.of("oci, full name", IMAGE.oci("{\"io.containerd.image.name\":\"docker.io/library/app:1\"}").bytes(),
                        List.of("Loaded image: app:1\n")),
                Arguments.of("oci, name", IMAGE.oci("{\"org.opencontainers.image.ref.name\":\"app:1\"}").bytes(),
                        List.of("Loaded image: app:1\n")),
                Arguments.of("oci, tag only", IMAGE.oci("{\"org.opencontainers.image.ref.name\":\"1\"}").bytes(),
                        List.of("Loaded image ID: " + IMAGE.id() + "\n")),
                Arguments.of("layers packed, docker", packed.oldDocker("app:1").bytes(), List.of("Loaded image: app:1\n")),
                Arguments.of("layers packed, oci", packed.oci("{}").bytes(),
                        List.of("Loaded image ID: " + packed.id() + "\n")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void forms(String form, byte[] archive, List<String> expected) throws IOException {
        assertEquals(IMAGE.id(), load(archive).getFirst().id(), form);
        assertEquals(expected, lines);
        assertIsIn(IMAGE.id());
        lines.clear();
        load(archive);
        assertEquals(expected, lines);
    }

    @Test
    void theManifestOfAnArchiveIsKeptSoThatItsDigestIs() throws IOException {
        load(IMAGE.docker("app:1").bytes());
        StoredImage image = store.images().resolve("app:1");
        assertEquals(Optional.of(Digest.of(IMAGE.ociManifest())), image.manifest());
        assertTrue(store.blobs().has(image.manifest().orElseThrow()));
    }

    /** In a mount namespace of its own, so that nothing stays mounted. Needs root. */
    @Test
    void overlayfsShowsTheLayersAsOneTree() throws Exception {
        byte[] bottom = new TarFixture().directory("d").file("d/old", "x").file("gone", "x").file("kept", "x").bytes();
        byte[] middle = new TarFixture().file(".wh.gone", "").directory("d").file("d/.wh..wh..opq", "").file("d/new", "x").bytes();
        byte[] top = new TarFixture().file("gone/again", "x").bytes();
        StoredImage image = load(ArchiveFixture.plain(bottom, middle, top).docker("app:1").bytes()).getFirst();
        String lower = String.join(":", store.lowerDirectories(image).stream().map(Path::toString).toList());
        Path merged = Files.createDirectory(temporary.path().resolve("merged"));
        Process process = new ProcessBuilder("unshare", "-m", "sh", "-c", "mount -t overlay -o lowerdir=" + lower + " overlay "
                + merged + " && cd " + merged + " && find . | sort | tr '\\n' ' '").redirectErrorStream(true).start();
        assertEquals(". ./d ./d/new ./gone ./gone/again ./kept ", new String(process.getInputStream().readAllBytes(), UTF_8));
        assertEquals(0, process.waitFor());
    }

    @Test
    void layersMayBeSymbolicLinksToOthers() throws IOException {
        TarFixture tar = new TarFixture().symbolicLink("two/layer.tar", "../one/layer.tar").file("one/layer.tar", BASE)
                .file("c.json", ArchiveFixture.plain(BASE, BASE).config)
                .file("manifest.json", ArchiveFixture.manifestJson("c.json", List.of("one/layer.tar", "two/layer.tar"), "app:1"));
        StoredImage image = load(tar.bytes()).getFirst();
        assertEquals(2, image.layers().size());
        assertEquals(1, store.lowerDirectories(image).size());
    }

    @Test
    void aNameThatWasAnotherImagesIsToldOf() throws IOException {
        ArchiveFixture other = ArchiveFixture.plain(BASE);
        load(other.docker("app:1").bytes());
        lines.clear();
        load(IMAGE.docker("app:1").bytes());
        assertEquals(List.of("The image app:1 already exists, renaming the old one with ID " + other.id() + " to empty string\n",
                "Loaded image: app:1\n"), lines);
        assertEquals(2, store.images().list().size());
    }

    @Test
    void parentsWithinOneArchiveAreKeptAndOthersIgnored() throws IOException {
        ArchiveFixture child = ArchiveFixture.plain(BASE);
        TarFixture tar = new TarFixture();
        ArchiveFixture.blob(ArchiveFixture.blob(tar, IMAGE.config), child.config);
        IMAGE.layers().forEach(layer -> ArchiveFixture.blob(tar, layer));
        String item = "{\"Config\":\"blobs/sha256/%s\",\"RepoTags\":[\"%s\"],\"Layers\":[%s],\"Parent\":\"%s\"}";
        String manifest = "[" + item.formatted(child.id().hex(), "child:1", child.layerPaths(), IMAGE.id()) + ","
                + item.formatted(IMAGE.id().hex(), "parent:1", IMAGE.layerPaths(), Digest.of(new byte[1])) + "]";
        load(tar.file("manifest.json", manifest).bytes());
        assertEquals(IMAGE.id(), store.images().parentOf(child.id()).orElseThrow().id());
        assertEquals(Optional.empty(), store.images().parentOf(IMAGE.id()));
    }

    @Test
    void loadedImagesAreThereAfterReopeningAndGoWithTheirContent() throws IOException {
        load(IMAGE.docker("app:1").bytes());
        try (ImageStore again = ImageStore.open(temporary.path(), temporary.kernel(), image -> List.of(),
                (action, image, name, labels) -> { })) {
            assertEquals(IMAGE.id(), again.images().find(ImageReference.parse("app:1")).orElseThrow().id());
        }
        List<Removed> removed = store.images().remove("app:1", false, true);
        assertEquals(4, removed.size());
        assertNothingIsLeft();
    }

    /** Ends the store's work, for the files of a layer go in the background. */
    private void assertNothingIsLeft() throws IOException {
        assertEquals(List.of(), store.images().list());
        store.layers().close();
        for (String directory : List.of("blobs/sha256", "ingest", "layers")) {
            try (Stream<Path> left = Files.list(temporary.path().resolve(directory))) {
                assertEquals(List.of(), left.toList());
            }
        }
    }

    @Test
    void whatACrashLeftWithoutItsImageIsRemovedAndNothingElse() throws IOException {
        load(IMAGE.docker("app:1").bytes());
        byte[] orphan = new TarFixture().file("orphan", "x").bytes();
        try (Lease lease = store.blobs().lease()) {
            store.blobs().put(orphan, lease);
        }
        store.layers().unpack(Digest.of(orphan), () -> new ByteArrayInputStream(orphan), true);
        assertEquals(3, store.layers().list().size());
        store.removeUnreferenced();
        assertEquals(2, store.layers().list().size());
        assertEquals(4, store.blobs().list().size());
        assertIsIn(IMAGE.id());
    }

    static Stream<Arguments> refused() {
        byte[] hostile = new TarFixture().file("../../out", "x").bytes();
        byte[] large = new TarFixture().file("large", new byte[400_000]).bytes();
        ArchiveFixture big = ArchiveFixture.plain(large);
        String first = Digest.of(BASE).hex();
        return Stream.of(
                Arguments.of("archive/tar: invalid tar header", "not an archive at all".repeat(100).getBytes()),
                Arguments.of("unexpected EOF", "short".getBytes()),
                Arguments.of("invalid archive: it has neither manifest.json nor index.json", new TarFixture().file("x", "").bytes()),
                Arguments.of("invalid manifest, layers length mismatch: expected 1, got 2", new TarFixture().file("l", BASE)
                        .file("c", IMAGE.config).file("manifest.json", ArchiveFixture.manifestJson("c", List.of("l"))).bytes()),
                Arguments.of("invalid diffID for layer 1: expected \"" + Digest.of(ABOVE) + "\", got \"" + Digest.of(BASE) + "\"",
                        new TarFixture().file("l", BASE).file("c", IMAGE.config)
                                .file("manifest.json", ArchiveFixture.manifestJson("c", List.of("l", "l"))).bytes()),
                Arguments.of("no such file or directory", new TarFixture().file("c", IMAGE.config)
                        .file("manifest.json", ArchiveFixture.manifestJson("c", List.of("l", "l"))).bytes()),
                Arguments.of("its content has the digest", new TarFixture().file("blobs/sha256/" + first, ABOVE).bytes()),
                Arguments.of("it leads out of its root", ArchiveFixture.plain(BASE, hostile).docker("a:1").bytes()),
                Arguments.of("it leads out of its root", new TarFixture().file("../manifest.json", "[]").bytes()),
                Arguments.of("it leads out of its root", new TarFixture().symbolicLink("a", "../../etc/shadow").bytes()),
                Arguments.of("an image archive has no such files", new TarFixture().device("manifest.json", 1, 3).bytes()),
                Arguments.of("must be lowercase", IMAGE.docker("App:1").bytes()),
                Arguments.of("invalid tag \"app\"", IMAGE.docker("app").bytes()),
                Arguments.of("read manifest.json: ", new TarFixture().file("manifest.json", "[{").bytes()),
                Arguments.of("read image configuration: ", new TarFixture().file("l", BASE).file("c", "nonsense")
                        .file("manifest.json", ArchiveFixture.manifestJson("c", List.of("l"))).bytes()),
                Arguments.of("unexpected EOF", Arrays.copyOf(big.docker("a:1").bytes(), 300_000)),
                Arguments.of("unexpected EOF", ArchiveFixture.plain(Arrays.copyOf(large, 300_000)).docker("a:1").bytes()),
                Arguments.of("unexpected EOF", Arrays.copyOf(TarFixture.gzip(IMAGE.docker("a:1").bytes()), 500)),
                Arguments.of("the archive has no content with the digest",
                        new TarFixture().file("index.json", "{\"manifests\":["
                                + ArchiveFixture.descriptor("application/vnd.oci.image.manifest.v1+json", BASE) + "]}").bytes()));
    }

    @ParameterizedTest
    @MethodSource
    void refused(String reason, byte[] archive) throws IOException {
        StoreException refusal = assertThrows(StoreException.class, () -> load(archive));
        assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
        assertEquals(StoreException.Kind.INVALID, refusal.kind());
        assertNothingIsLeft();
    }

    @Test
    void anArchiveThatIsRefusedTakesNothingFromImagesThatAreThere() throws IOException {
        load(IMAGE.docker("app:1").bytes());
        byte[] hostile = new TarFixture().file("../../out", "x").bytes();
        assertThrows(StoreException.class, () -> load(ArchiveFixture.plain(BASE, hostile).docker("bad:1").bytes()));
        assertIsIn(IMAGE.id());
        assertEquals(4, store.blobs().list().size());
    }
}
