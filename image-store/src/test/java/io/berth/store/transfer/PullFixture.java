package io.berth.store.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.durable.DiskFiles;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.DiskReserve;
import io.berth.store.layer.LayerSource;
import io.berth.store.layer.LayerStore;
import io.berth.store.layer.TarFixture;
import io.berth.store.layer.TemporaryDirectory;
import io.berth.store.registry.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A store on the disk, a repository in memory, and images for it. */
final class PullFixture implements AutoCloseable {

    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String INDEX = "application/vnd.oci.image.index.v1+json";
    static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
    static final String ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

    final TemporaryDirectory temporary = new TemporaryDirectory();
    final DiskFiles files = new DiskFiles();
    final BlobStore blobs = BlobStore.open(files, temporary.path());
    final LayerStore layers;
    final List<String> events = new CopyOnWriteArrayList<>();
    final Images images;
    final List<String> told = new CopyOnWriteArrayList<>();
    FakeRepository repository = new FakeRepository();
    final Pull pull;

    /** One layer of a test's image. */
    record Layer(byte[] tar, Descriptor blob) {}

    PullFixture() {
        this(DiskReserve.DEFAULT);
    }

    PullFixture(DiskReserve reserve) {
        layers = LayerStore.open(temporary.kernel(), files, blobs, temporary.path().resolve("layers"), "boot", reserve);
        images = Images.open(files, temporary.path().resolve("images.journal"), blobs, layers::removeUnless, image -> List.of(),
                (action, image, name, labels) -> events.add(action + " " + name));
        pull = new Pull((name, credentials, access) -> repository, blobs, layers, images, new TransferSettings(3, 5, 3));
    }

    Layer gzip(byte[] tar) {
        return new Layer(tar, repository.add(GZIP, TarFixture.gzip(tar)));
    }

    static byte[] tar(String name, String content) {
        return new TarFixture().file(name, content).bytes();
    }

    /** A manifest of these layers, under the tag 1. */
    Digest image(Layer... of) {
        Digest manifest = manifest("amd64", "", of);
        repository.tags.put("1", manifest);
        return manifest;
    }

    Digest manifest(String architecture, String variant, Layer... of) {
        return manifest(config(architecture, variant, of), Arrays.stream(of).map(Layer::blob).toList());
    }

    Digest manifest(Descriptor config, List<Descriptor> layerBlobs) {
        return repository.document(MANIFEST, "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":" + json(config) + ",\"layers\":["
                + layerBlobs.stream().map(PullFixture::json).collect(Collectors.joining(",")) + "]}");
    }

    Descriptor config(String architecture, String variant, Layer... of) {
        String diffIds = Arrays.stream(of).map(layer -> "\"" + Digest.of(layer.tar()) + "\"").collect(Collectors.joining(","));
        return repository.add(CONFIG, ("{\"os\":\"linux\",\"architecture\":\"" + architecture + "\",\"variant\":\"" + variant
                + "\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}").getBytes(StandardCharsets.UTF_8));
    }

    /** @param entries each JSON */
    Digest index(String... entries) {
        Digest index = repository.document(INDEX, "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[" + String.join(",", entries) + "]}");
        repository.tags.put("1", index);
        return index;
    }

    String entry(Digest document, String more) {
        Descriptor descriptor = repository.documents.get(document).descriptor();
        return json(descriptor).replaceFirst("}$", more.isEmpty() ? "}" : "," + more + "}");
    }

    static String platform(String architecture, String variant) {
        return "\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\",\"variant\":\"" + variant + "\"}";
    }

    static String json(Descriptor descriptor) {
        return "{\"mediaType\":\"" + descriptor.mediaType() + "\",\"digest\":\"" + descriptor.digest() + "\",\"size\":" + descriptor.size() + "}";
    }

    StoredImage pull() throws InterruptedException {
        return pull("registry.test/app:1", Optional.empty());
    }

    StoredImage pull(String name, Optional<Platform> platform) throws InterruptedException {
        pull.pull(ImageReference.parse(name), platform, Credentials.ANONYMOUS, progress());
        return images.resolve(name);
    }

    PullProgress progress() {
        return progress(() -> { });
    }

    /** @param atEnd done when the image is there */
    PullProgress progress(Runnable atEnd) {
        return new PullProgress() {
            @Override
            public void begins(ImageReference name) {
                told.add("begins " + name.familiar());
            }

            @Override
            public void layer(Digest blob, Step step, long current, long total) {
                told.add(step.name());
            }

            @Override
            public void arrived() {
                told.add("arrived");
            }

            @Override
            public void ends(Digest digest) {
                told.add("ends " + digest);
                atEnd.run();
            }
        };
    }

    /** The content of a file, from the topmost layer that has it. */
    String content(StoredImage image, String name) {
        List<Path> trees = layers.lowerDirectories(image.layers().stream().map(layer -> new LayerSource(layer.diffId(), layer.blob())).toList());
        try {
            return Files.readString(trees.stream().map(tree -> tree.resolve(name)).filter(Files::exists).findFirst().orElseThrow());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Neither a blob nor a layer nor anything on its way. */
    void assertNothingIsLeft() {
        assertEquals(List.of(), blobs.list());
        assertEquals(List.of(), layers.list());
        assertEquals(List.of(), names("ingest"));
        assertEquals(List.of(), names("layers").stream().filter(name -> name.startsWith("unpack-")).toList());
        assertEquals(List.of(), images.list());
    }

    private List<String> names(String directory) {
        try (Stream<Path> list = Files.list(temporary.path().resolve(directory))) {
            return new ArrayList<>(list.map(path -> path.getFileName().toString()).toList());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        layers.close();
        images.close();
        temporary.close();
    }
}
