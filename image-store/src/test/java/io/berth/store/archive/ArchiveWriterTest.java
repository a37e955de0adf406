package io.berth.store.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageEvents.Action;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.TarEntry;
import io.berth.store.layer.TarFixture;
import io.berth.store.layer.TarReader;
import io.berth.store.layer.TemporaryDirectory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is in a saved archive, and that loading it elsewhere makes the same image. */
class ArchiveWriterTest {

    private static final byte[] BASE = new TarFixture().directory("./").file("etc/motd", "hello").bytes();
    private static final byte[] ABOVE = new TarFixture().file("etc/motd", "hello again").bytes();
    private static final ArchiveFixture IMAGE = ArchiveFixture.plain(BASE, ABOVE);
    private static final ArchiveFixture PACKED = new ArchiveFixture(List.of(BASE, ABOVE), List.of(TarFixture.gzip(BASE), Zstd.compress(ABOVE)));
    private static final String HERE = Platform.here().architecture();
    private static final String ELSEWHERE = "s390x";

    private final List<TemporaryDirectory> temporary = new ArrayList<>();
    private final List<ImageStore> stores = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final ImageStore store = open();

    private ImageStore open() {
        TemporaryDirectory directory = new TemporaryDirectory();
        temporary.add(directory);
        ImageStore opened = ImageStore.open(directory.path(), directory.kernel(), image -> List.of(), (action, image, name, labels) -> events.add(action + " " + name));
        stores.add(opened);
        return opened;
    }

    @AfterEach
    void remove() {
        stores.forEach(ImageStore::close);
        temporary.forEach(TemporaryDirectory::close);
    }

    private static List<StoredImage> load(ImageStore into, byte[] archive, String... platforms) throws IOException {
        return into.archives().load(new ByteArrayInputStream(archive), Stream.of(platforms).map(Platform::parse).toList(), new LoadProgress() {
            @Override
            public void line(String line) {
                assertTrue(line.startsWith("Loaded image"), line);
            }

            @Override
            public void layer(Digest diffId, long current, long total) {
                assertTrue(current <= total);
            }
        });
    }

    private byte[] save(String... names) throws IOException {
        return save(List.of(), names);
    }

    private byte[] save(List<String> platforms, String... names) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SavedArchive archive = store.saves().select(List.of(names), platforms.stream().map(Platform::parse).toList())) {
            archive.writeTo(out);
        }
        return out.toByteArray();
    }

    private static Map<String, byte[]> files(byte[] archive) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        TarReader tar = new TarReader(new ByteArrayInputStream(archive));
        for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
            TarEntry entry = next.get();
            assertEquals(0, entry.modifiedSeconds());
            byte[] content = new byte[(int) entry.size()];
            int at = 0;
            while (at < content.length) {
                at += tar.read(content, at, content.length - at);
            }
            assertEquals(null, files.put(entry.displayPath(), content), entry.displayPath() + " comes once");
        }
        return files;
    }

    private static String blob(byte[] content) {
        return "blobs/sha256/" + Digest.of(content).hex();
    }

    private static String text(Map<String, byte[]> files, String name) {
        return new String(files.get(name), UTF_8);
    }

    @Test
    void archiveIsADockerArchiveAndAnOciLayoutInOne() throws IOException {
        load(store, IMAGE.oldDocker("app:1", "host:5000/me/app:2").bytes());
        byte[] archive = save("app:1", "host:5000/me/app:2");
        Map<String, byte[]> files = files(archive);
        byte[] made = ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
                + ArchiveFixture.descriptor("application/vnd.oci.image.config.v1+json", IMAGE.config) + ",\"layers\":["
                + ArchiveFixture.descriptor("application/vnd.oci.image.layer.v1.tar", BASE) + ","
                + ArchiveFixture.descriptor("application/vnd.oci.image.layer.v1.tar", ABOVE) + "]}").getBytes(UTF_8);
        assertEquals(List.of("oci-layout", "index.json", "manifest.json", "repositories", "blobs/", "blobs/sha256/", blob(made), blob(IMAGE.config), blob(BASE),
                blob(ABOVE)), List.copyOf(files.keySet()));
        assertEquals("{\"imageLayoutVersion\": \"1.0.0\"}", text(files, "oci-layout"));
        String descriptor = ArchiveFixture.descriptor("application/vnd.oci.image.manifest.v1+json", made);
        String entry = descriptor.substring(0, descriptor.length() - 1)
                + ",\"annotations\":{\"io.containerd.image.name\":\"%s\",\"org.opencontainers.image.ref.name\":\"%s\"}}";
        assertEquals("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                + entry.formatted("docker.io/library/app:1", "1") + "," + entry.formatted("host:5000/me/app:2", "2") + "]}", text(files, "index.json"));
        assertEquals("[{\"Config\":\"" + blob(IMAGE.config) + "\",\"RepoTags\":[\"app:1\",\"host:5000/me/app:2\"],\"Layers\":[\"" + blob(BASE) + "\",\""
                + blob(ABOVE) + "\"]}]", text(files, "manifest.json"));
        assertEquals("{\"app\":{\"1\":\"%1$s\"},\"host:5000/me/app\":{\"2\":\"%1$s\"}}".formatted(Digest.of(ABOVE).hex()), text(files, "repositories"));
        assertArrayEquals(made, files.get(blob(made)));
        assertArrayEquals(archive, save("app:1", "host:5000/me/app:2"), "the same every time");
        assertTrue(events.contains("SAVE " + IMAGE.id()), events::toString);
    }

    @Test
    void layersStayCompressedAndTheirManifestSaysSo() throws IOException {
        load(store, PACKED.oldDocker("app:1").bytes());
        Map<String, byte[]> files = files(save("app:1"));
        PACKED.layers().forEach(layer -> assertArrayEquals(layer, files.get(blob(layer))));
        String manifest = files.values().stream().map(content -> new String(content, UTF_8)).filter(text -> text.contains("tar+zstd")).findFirst().orElseThrow();
        assertTrue(manifest.contains("layer.v1.tar+gzip"), manifest);
    }

    @Test
    void severalImagesShareTheirBlobs() throws IOException {
        ArchiveFixture other = ArchiveFixture.plain(BASE);
        load(store, IMAGE.docker("app:1").bytes());
        load(store, other.docker("base:1").bytes());
        StoredImage child = store.images().resolve("app:1");
        store.images().add(child, Optional.of(other.id()), List.of(), Action.CREATE);
        Map<String, byte[]> files = files(save("base", child.id().hex()));
        assertTrue(text(files, "manifest.json").contains("\"Parent\":\"" + other.id() + "\""), text(files, "manifest.json"));
        assertTrue(text(files, "manifest.json").contains("\"RepoTags\":null"));
        assertEquals(2 + 2 + 2, files.keySet().stream().filter(name -> name.matches("blobs/sha256/.+")).count());
        ImageStore second = open();
        load(second, save("base:1", "app:1"));
        assertEquals(other.id(), second.images().parentOf(child.id()).orElseThrow().id());
    }

    @Test
    void repositoryStandsForAllItsTags() throws IOException {
        load(store, IMAGE.docker("app:1", "app:2", "other:1").bytes());
        assertTrue(text(files(save("app")), "manifest.json").contains("\"RepoTags\":[\"app:1\",\"app:2\"]"));
    }

    /** An index of an image for this machine, one for another, and what is said about the first. */
    private record Multi(ArchiveFixture here, ArchiveFixture elsewhere, byte[] attested, byte[] attestation, byte[] index) {
        static Multi make() {
            ArchiveFixture here = PACKED;
            ArchiveFixture elsewhere = ArchiveFixture.plain(new TarFixture().file("elsewhere", "x").bytes());
            byte[] attested = "{\"predicate\":1}".getBytes(UTF_8);
            byte[] attestation = ("{\"schemaVersion\":2,\"config\":" + ArchiveFixture.descriptor("application/vnd.oci.image.config.v1+json", here.config)
                    + ",\"layers\":[" + ArchiveFixture.descriptor("application/vnd.in-toto+json", attested) + "]}").getBytes(UTF_8);
            byte[] index = ("{ \"schemaVersion\": 2, \"mediaType\": \"application/vnd.oci.image.index.v1+json\", \"manifests\": ["
                    + entry(here.ociManifest(), HERE, "") + "," + entry(elsewhere.ociManifest(), ELSEWHERE, "") + ","
                    + entry("never here".getBytes(UTF_8), "riscv64", "") + "," + entry(attestation, "unknown",
                            ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\",\"vnd.docker.reference.digest\":\""
                                    + Digest.of(here.ociManifest()) + "\"}") + "]}").getBytes(UTF_8);
            return new Multi(here, elsewhere, attested, attestation, index);
        }

        private static String entry(byte[] manifest, String architecture, String more) {
            String descriptor = ArchiveFixture.descriptor("application/vnd.oci.image.manifest.v1+json", manifest);
            return descriptor.substring(0, descriptor.length() - 1) + ",\"platform\":{\"architecture\":\"" + architecture + "\",\"os\":\""
                    + (architecture.equals("unknown") ? "unknown" : "linux") + "\"}" + more + "}";
        }

        byte[] archive() {
            String top = ArchiveFixture.descriptor("application/vnd.oci.image.index.v1+json", index);
            TarFixture tar = new TarFixture().file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}").file("index.json", "{\"schemaVersion\":2,\"manifests\":["
                    + top.substring(0, top.length() - 1) + ",\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/multi:1\"}}]}");
            Stream.of(List.of(index, attestation, attested, here.ociManifest(), here.config, elsewhere.ociManifest(), elsewhere.config), here.layers(),
                    elsewhere.layers()).flatMap(List::stream).forEach(content -> ArchiveFixture.blob(tar, content));
            return tar.bytes();
        }

        Set<Digest> all() {
            return Stream.of(List.of(index, attestation, attested, here.ociManifest(), here.config, elsewhere.ociManifest(), elsewhere.config), here.layers(),
                    elsewhere.layers()).flatMap(List::stream).map(Digest::of).collect(Collectors.toSet());
        }
    }

    @Test
    void roundTripKeepsEveryDigestOfAnIndex() throws IOException {
        Multi multi = Multi.make();
        StoredImage image = load(store, multi.archive()).getFirst();
        assertEquals(List.of(PACKED.id(), Digest.of(PACKED.ociManifest()), Digest.of(multi.index)), image.digests());
        ImageStore second = open();
        byte[] archive = save("multi:1");
        assertEquals(List.of(image), load(second, archive));
        assertEquals(multi.all(), Set.copyOf(second.blobs().list()));
        for (Digest digest : image.digests()) {
            for (String text : List.of(digest.toString(), digest.hex(), digest.hex().substring(0, 12), "multi@" + digest)) {
                assertEquals(image.id(), second.images().resolve(text).id(), text);
            }
        }
        second.images().remove("multi:1", false, true);
        assertEquals(List.of(), second.blobs().list());
    }

    @Test
    void platformSelectsWhatIsSavedAndTheIndexStaysWhole() throws IOException {
        Multi multi = Multi.make();
        load(store, multi.archive());
        Map<String, byte[]> files = files(save(List.of("linux/" + ELSEWHERE), "multi:1"));
        assertArrayEquals(multi.index, files.get(blob(multi.index)));
        assertTrue(text(files, "manifest.json").contains(blob(multi.elsewhere.config)), text(files, "manifest.json"));
        assertEquals(Set.of(blob(multi.index), blob(multi.elsewhere.ociManifest()), blob(multi.elsewhere.config), blob(multi.elsewhere.layers().getFirst())),
                files.keySet().stream().filter(name -> name.matches("blobs/sha256/.+")).collect(Collectors.toSet()));
        StoredImage elsewhere = load(open(), save(List.of("linux/" + ELSEWHERE), "multi:1")).getFirst();
        assertEquals(multi.elsewhere.id(), elsewhere.id());
        assertEquals(Optional.of(Digest.of(multi.index)), elsewhere.index());
        assertEquals(files(save("multi:1")).keySet(), files(save(List.of(ELSEWHERE, "linux/" + HERE), "multi:1")).keySet());
        assertEquals("no suitable export target found for platform linux/riscv64", refusal(() -> save(List.of("linux/riscv64"), "multi:1")));
    }

    @Test
    void platformSelectsWhatIsLoaded() throws IOException {
        Multi multi = Multi.make();
        load(store, multi.archive());
        byte[] archive = save("multi:1");
        ImageStore second = open();
        assertEquals(multi.elsewhere.id(), load(second, archive, "linux/" + ELSEWHERE).getFirst().id());
        assertEquals(4, second.blobs().list().size());
        assertEquals(multi.elsewhere.id(), second.images().find(ImageReference.parse("multi:1")).orElseThrow().id());
        assertEquals("requested platform (linux/riscv64) not found", refusal(() -> load(open(), archive, "linux/riscv64")));
        assertEquals("requested platform (linux/riscv64) not found", refusal(() -> load(open(), archive, "linux/" + HERE, "linux/riscv64")));
        assertEquals("requested platform (linux/s390x) not found", refusal(() -> load(open(), IMAGE.oldDocker("a:1").bytes(), "linux/s390x")));
        assertEquals(multi.all(), Set.copyOf(loaded(archive, "linux/" + HERE, "linux/" + ELSEWHERE).blobs().list()));
    }

    private ImageStore loaded(byte[] archive, String... platforms) throws IOException {
        ImageStore opened = open();
        load(opened, archive, platforms);
        return opened;
    }

    private static String refusal(org.junit.jupiter.api.function.Executable action) {
        return assertThrows(StoreException.class, action).getMessage();
    }

    @Test
    void unknownNamesAreRefusedInTheReferencesWords() throws IOException {
        load(store, IMAGE.docker("app:1").bytes());
        assertEquals("No such image: nosuch", refusal(() -> save("app:1", "nosuch")));
        assertEquals("reference does not exist", refusal(() -> save("app:2")));
        assertEquals("reference does not exist", refusal(() -> save("app@" + Digest.of(new byte[1]))));
        assertEquals("No such image: sha256:1111", refusal(() -> save("sha256:1111")));
    }

    @Test
    void damagedBlobLeavesTheArchiveWithoutItsEnd() throws IOException {
        load(store, IMAGE.docker("app:1").bytes());
        byte[] damaged = ABOVE.clone();
        damaged[600] ^= 1;
        Files.write(store.blobs().path(Digest.of(ABOVE)), damaged);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SavedArchive archive = store.saves().select(List.of("app:1"), List.of())) {
            assertTrue(refusal(() -> archive.writeTo(out)).contains("the blob " + Digest.of(ABOVE) + " is damaged"));
        }
        assertThrows(StoreException.class, () -> load(open(), out.toByteArray()));
    }

    @Test
    void imageThatIsRemovedMeanwhileIsSavedWholeAndThenGone() throws IOException {
        load(store, IMAGE.docker("app:1").bytes());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SavedArchive archive = store.saves().select(List.of("app:1"), List.of())) {
            store.images().remove("app:1", false, true);
            archive.writeTo(out);
        }
        assertEquals(IMAGE.id(), load(open(), out.toByteArray()).getFirst().id());
        assertEquals(List.of(), store.blobs().list());
    }

    @Test
    void layersThatNobodyCanUnpackAreRefused() {
        String foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
        assertTrue(refusal(() -> load(store, withLayerType(foreign))).contains("is foreign (" + foreign + ")"));
        assertTrue(refusal(() -> load(store, withLayerType("application/x-squashfs"))).contains("is of the type application/x-squashfs, which is not supported"));
    }

    private static byte[] withLayerType(String type) {
        byte[] manifest = ("{\"schemaVersion\":2,\"config\":" + ArchiveFixture.descriptor("application/vnd.oci.image.config.v1+json", IMAGE.config)
                + ",\"layers\":[" + ArchiveFixture.descriptor("application/vnd.oci.image.layer.v1.tar", BASE) + "," + ArchiveFixture.descriptor(type, ABOVE)
                + "]}").getBytes(UTF_8);
        TarFixture tar = new TarFixture().file("index.json", "{\"manifests\":[" + ArchiveFixture.descriptor("application/vnd.oci.image.manifest.v1+json", manifest)
                + "]}");
        Stream.of(manifest, IMAGE.config, BASE, ABOVE).forEach(content -> ArchiveFixture.blob(tar, content));
        return tar.bytes();
    }
}
