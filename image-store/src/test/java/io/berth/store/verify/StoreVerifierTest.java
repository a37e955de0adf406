package io.berth.store.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.ImageStore;
import io.berth.store.archive.ImageImport;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.image.ImageEvents.Action;
import io.berth.store.image.ImageReference;
import io.berth.store.image.PushedImages;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.TarFixture;
import io.berth.store.layer.TemporaryDirectory;
import io.berth.store.registry.Credentials;
import io.berth.store.verify.Finding.Kind;
import io.berth.store.verify.StoreVerifier.Depth;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StoreVerifierTest {

    private static final byte[] TAR = new TarFixture().directory("etc/").file("etc/motd", "hello").file("etc/hosts", "127.0.0.1")
            .symbolicLink("etc/link", "motd").file(".wh.gone", "").file("made/parent/file", "x").bytes();
    private static final Digest DIFF_ID = Digest.of(TAR);

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final List<Finding> findings = new ArrayList<>();
    private final FakeRegistries registries = new FakeRegistries();
    private ImageStore store;
    private StoredImage image;
    private byte[] config;

    @BeforeEach
    void importAnImage() throws IOException {
        open();
        image = store.imports().load(new ByteArrayInputStream(TAR), new ImageImport.Request("-", Optional.of(ImageReference.parse("app:1")),
                "{}".getBytes(), "", "linux", "amd64", "", "1"));
        config = Files.readAllBytes(blob(image.id()));
    }

    private void open() {
        store = ImageStore.open(temporary.path(), temporary.kernel(), id -> List.of(), (action, id, name, labels) -> { });
    }

    @AfterEach
    void remove() {
        store.close();
        temporary.close();
    }

    private Summary verify(Depth depth) {
        findings.clear();
        return store.verifier().verify(depth, Optional.empty(), findings::add);
    }

    private Summary repair(Depth depth) {
        findings.clear();
        return store.verifier().verify(depth, Optional.of(store.repair(() -> registries, Credentials.ANONYMOUS)), findings::add);
    }

    private List<String> sentences(Kind kind) {
        return findings.stream().filter(finding -> finding.kind() == kind).map(Finding::sentence).toList();
    }

    private String shown() {
        return "image app:1 (" + image.id().shortHex() + "): ";
    }

    private Path tree() {
        return store.layers().root().resolve(store.layers().relativeTree(DIFF_ID));
    }

    private Path blob(Digest digest) {
        return store.blobs().path(digest);
    }

    private void servedBy(String repository) {
        store.images().add(image, List.of(ImageReference.parse(repository).withDigest(image.id())), Action.PULL);
    }

    @Test
    void aStoreAsItHasToBeIsClean() {
        Summary summary = verify(Depth.FILES);
        assertEquals(List.of(), findings);
        assertTrue(summary.isSound());
        assertEquals(new Summary(1, 2, summary.bytes(), 1, 0, 0, 0, 0), summary);
        assertTrue(summary.sentence().endsWith("1 layers: no damage"), summary.sentence());
    }

    @Test
    void anImageThatWasGivenAManifestForARegistryIsClean() throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(TAR);
        }
        try (Lease lease = store.blobs().lease()) {
            Digest layer = store.blobs().put(gzip.toByteArray(), lease);
            Digest manifest = store.blobs().put("{\"schemaVersion\":2,\"config\":{\"digest\":\"%s\",\"size\":%d},\"layers\":[{\"digest\":\"%s\",\"size\":%d}]}"
                    .formatted(image.id(), config.length, layer, gzip.size()).getBytes(StandardCharsets.UTF_8), lease);
            new PushedImages(store.images()).giveManifest(image.id(), manifest, Set.of(layer));
        }
        assertTrue(verify(Depth.FILES).isSound());
        assertEquals(List.of(), findings);
    }

    @Test
    void aDamagedBlobIsNamedWithItsImageAndLayer() throws IOException {
        byte[] content = Files.readAllBytes(blob(DIFF_ID));
        content[700] ^= 1;
        Files.write(blob(DIFF_ID), content);
        Summary summary = verify(Depth.CONTENT);
        assertFalse(summary.isSound());
        assertEquals(List.of(shown() + "layer " + DIFF_ID + ": blob " + DIFF_ID + ": the layer's content is damaged: its content has the digest "
                + Digest.of(content)), sentences(Kind.DAMAGE));
    }

    @Test
    void aMissingConfigurationIsSeenWithoutReadingAnything() throws IOException {
        Files.delete(blob(image.id()));
        assertEquals(1, verify(Depth.PRESENCE).damage());
        assertEquals(List.of(shown() + "blob " + image.id() + ": the configuration is missing"), sentences(Kind.DAMAGE));
    }

    static Stream<Arguments> harm() {
        return Stream.of(
                Arguments.of("/etc/motd: is missing", (Harm) tree -> Files.delete(tree.resolve("etc/motd"))),
                Arguments.of("/etc/new: is not in the layer's blob", (Harm) tree -> Files.createFile(tree.resolve("etc/new"))),
                Arguments.of("/etc/motd: has other content from byte 1 on", (Harm) tree -> withTime(tree.resolve("etc/motd"),
                        file -> Files.writeString(file, "hallo"))),
                Arguments.of("/etc/motd: has 0 bytes instead of 5", (Harm) tree -> withTime(tree.resolve("etc/motd"), file -> Files.writeString(file, ""))),
                Arguments.of("/etc/motd: has mode 0600 instead of 0644", (Harm) tree -> Files.setPosixFilePermissions(tree.resolve("etc/motd"),
                        PosixFilePermissions.fromString("rw-------"))),
                Arguments.of("/etc/motd: belongs to 7:0 instead of 0:0", (Harm) tree -> Files.setAttribute(tree.resolve("etc/motd"), "unix:uid", 7)),
                Arguments.of("/etc/motd: was changed at 1970-01-01T00:00:09Z instead of", (Harm) tree -> Files.setLastModifiedTime(
                        tree.resolve("etc/motd"), FileTime.fromMillis(9000))),
                Arguments.of("/etc/link: leads elsewhere", (Harm) tree -> {
                    Files.delete(tree.resolve("etc/link"));
                    Files.createSymbolicLink(tree.resolve("etc/link"), Path.of("hosts"));
                }),
                Arguments.of("/etc/motd: is a directory instead of a regular", (Harm) tree -> {
                    Files.delete(tree.resolve("etc/motd"));
                    Files.createDirectory(tree.resolve("etc/motd"));
                }),
                Arguments.of("/etc/hosts: has 2 names instead of 1", (Harm) tree -> Files.createLink(tree.resolve("made/more"), tree.resolve("etc/hosts"))),
                Arguments.of("/etc/motd: has an attribute user.more of its own", (Harm) tree -> Files.setAttribute(tree.resolve("etc/motd"),
                        "user:more", "x".getBytes())),
                Arguments.of("/gone: is missing", (Harm) tree -> Files.delete(tree.resolve("gone"))));
    }

    private interface Harm {
        void to(Path tree) throws IOException;
    }

    private static void withTime(Path file, Harm harm) throws IOException {
        FileTime time = Files.getLastModifiedTime(file);
        harm.to(file);
        Files.setLastModifiedTime(file, time);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("harm")
    void aFileThatIsNotAsInTheBlobIsNamedAndTheLayerIsMadeAnew(String expected, Harm harm) throws IOException {
        harm.to(tree());
        assertEquals(0, verify(Depth.CONTENT).damage());
        verify(Depth.FILES);
        String wanted = shown() + "layer " + DIFF_ID + ": file " + expected;
        assertTrue(sentences(Kind.DAMAGE).stream().anyMatch(sentence -> sentence.startsWith(wanted)), () -> sentences(Kind.DAMAGE).toString());
        assertTrue(repair(Depth.FILES).isSound());
        assertTrue(findings.stream().filter(finding -> finding.kind() == Kind.DAMAGE).allMatch(Finding::mended));
        assertEquals(0, verify(Depth.FILES).damage());
        assertEquals("hello", Files.readString(tree().resolve("etc/motd")));
    }

    @Test
    void aLayerThatIsNotUnpackedIsNoDamageAndIsMadeByARepair() throws IOException {
        Files.move(tree().getParent(), temporary.path().resolve("gone"));
        assertTrue(verify(Depth.CONTENT).isSound());
        assertEquals(List.of(shown() + "layer " + DIFF_ID + ": is not unpacked; it is made from its blob when it is needed"), sentences(Kind.NOTE));
        assertTrue(repair(Depth.CONTENT).isSound());
        assertEquals("hello", Files.readString(tree().resolve("etc/motd")));
    }

    @Test
    void aDamagedBlobIsFetchedFromTheRepositoryThatAnImagesDigestNames() throws IOException {
        servedBy("registry.test/app");
        Files.write(blob(DIFF_ID), new byte[10]);
        Files.delete(blob(image.id()));
        registries.serve(TAR);
        registries.serve(config);
        assertTrue(repair(Depth.CONTENT).isSound());
        assertEquals(2, sentences(Kind.DAMAGE).size());
        assertTrue(sentences(Kind.DAMAGE).getLast().endsWith("; mended: fetched again from registry.test/app"), () -> sentences(Kind.DAMAGE).toString());
        assertEquals(List.of("registry.test/app"), registries.asked());
        assertEquals(0, verify(Depth.FILES).damage());
    }

    @Test
    void aRegistryThatSendsSomethingElseMendsNothingAndTheImageStays() throws IOException {
        servedBy("registry.test/app");
        Files.delete(blob(DIFF_ID));
        registries.serveInstead(DIFF_ID, "nonsense".getBytes());
        Summary summary = repair(Depth.CONTENT);
        assertEquals(1, summary.damage());
        assertEquals(0, summary.mended());
        String sentence = sentences(Kind.DAMAGE).getFirst();
        assertTrue(sentence.contains("it could not be fetched again from registry.test/app: unexpected content"), sentence);
        assertTrue(sentence.contains("from the unpacked layer it cannot be made"), sentence);
        assertEquals(image, store.images().resolve("app:1"));
        assertFalse(store.blobs().has(DIFF_ID));
        assertEquals(List.of(), store.blobs().strays());
    }

    @Test
    void anImageOfNoRegistryIsNamedAndStays() throws IOException {
        Files.delete(blob(DIFF_ID));
        assertFalse(repair(Depth.CONTENT).isSound());
        assertTrue(sentences(Kind.DAMAGE).getFirst().contains("no registry is known that has it: load, import or pull the image again"));
        assertEquals(List.of(), registries.asked());
        assertEquals(image, store.images().resolve("app:1"));
    }

    @Test
    void whatNobodyNeedsIsReclaimableAndNoDamage() throws IOException {
        byte[] orphan = new TarFixture().file("orphan", "x").bytes();
        try (Lease lease = store.blobs().lease()) {
            store.blobs().put(orphan, lease);
        }
        store.layers().unpack(Digest.of(orphan), () -> new ByteArrayInputStream(orphan), true);
        Files.write(temporary.path().resolve("ingest/77"), new byte[3]);
        Files.createDirectories(temporary.path().resolve("layers/0123456789abcdef01234567/fs"));
        Summary summary = verify(Depth.CONTENT);
        assertTrue(summary.isSound());
        assertEquals(List.of("blob " + Digest.of(orphan) + ": no image needs it", "layer " + Digest.of(orphan) + ": no image needs it",
                "file ingest/77: was left unfinished", "file layers/0123456789abcdef01234567: does not say which layer it is"),
                sentences(Kind.RECLAIMABLE));
        store.removeUnreferenced();
        assertEquals(0, verify(Depth.FILES).reclaimable());
    }

    @Test
    void aJournalThatLostARecordIsNamedAndWrittenAnew() throws IOException {
        for (int i = 0; i < 3; i++) {
            store.images().tag("app:1", ImageReference.parse("name" + i));
        }
        store.close();
        Path journal = temporary.path().resolve("images.journal");
        byte[] content = Files.readAllBytes(journal);
        int at = new String(content, StandardCharsets.ISO_8859_1).indexOf("name0");
        content[at] ^= 1;
        Files.write(journal, content);
        open();
        assertFalse(verify(Depth.CONTENT).isSound());
        assertTrue(sentences(Kind.DAMAGE).getFirst().startsWith("file images.journal: journal "), () -> sentences(Kind.DAMAGE).toString());
        assertTrue(repair(Depth.CONTENT).isSound());
        assertTrue(verify(Depth.CONTENT).isSound());
        store.close();
        open();
        assertTrue(verify(Depth.CONTENT).isSound());
        assertEquals(image, store.images().resolve("name2"));
    }

    @Test
    void aConfigurationThatNamesOtherLayersThanTheJournalIsDamage() {
        byte[] other = "{\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}".getBytes();
        try (Lease lease = store.blobs().lease()) {
            Digest id = store.blobs().put(other, lease);
            store.images().add(new StoredImage(id, Optional.empty(), image.layers()), List.of(), Action.LOAD);
            verify(Depth.CONTENT);
            assertEquals(List.of("image " + id.shortHex() + ": the configuration names the layers [], the journal [" + DIFF_ID
                    + "]; pull or load the image again"), sentences(Kind.DAMAGE));
        }
    }

    @Test
    void aDamagedImageIsNamedWhenAContainerNeedsIt() throws IOException {
        Files.move(tree().getParent(), temporary.path().resolve("gone"));
        Files.delete(blob(DIFF_ID));
        String message = assertThrows(RuntimeException.class, () -> store.lowerDirectories(image)).getMessage();
        assertTrue(message.startsWith(shown().replace("): ", ")")), message);
        assertTrue(message.contains(DIFF_ID.toString()), message);
        assertTrue(message.contains("berthd verify --repair"), message);
    }
}
