package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker save} and {@code docker load}, with a second engine and with the tools of others at the other end. */
class SaveLoadTest extends ContainerTest {

    private static final String DIGITS = "0000000000000000000000000000000000000000000000000000000000000000";
    private static final String PACKED = "berth-test-packed:1";

    private static final String NO_LAYOUTS = "the classic store of the reference loads no archive without a manifest.json";

    private Path scratch;

    @BeforeEach
    void importAPackedImage() throws IOException {
        scratch = Files.createTempDirectory(engine.scratch(), "archives");
        Path tar = Files.write(scratch.resolve("root.tar"), TestImage.rootFileSystem());
        Commands.run("gzip", "-k", tar.toString()).succeeded();
        docker("import", "--change", "CMD [\"echo\",\"runs\"]", tar + ".gz", PACKED).succeeded();
    }

    @AfterEach
    void removeImages() {
        removeContainers();
        for (String image : docker("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=*berth-test*").out().lines().toList()) {
            if (!image.equals(IMAGE)) {
                docker("rmi", "-f", image);
            }
        }
    }

    private static String id(String image) {
        return docker("image", "inspect", "--format", "{{.Id}}", image).succeeded().strip();
    }

    private Path save(String... images) {
        Path file = scratch.resolve(images.length + "-" + System.nanoTime() + ".tar");
        List<String> words = new ArrayList<>(List.of("save", "-o", file.toString()));
        words.addAll(List.of(images));
        docker(words.toArray(String[]::new)).succeeded();
        return file;
    }

    private static String tool(String... command) {
        Assumptions.assumeTrue(Commands.run("sh", "-c", "command -v " + command[0]).code() == 0, command[0] + " is not installed; ./dev test installs it");
        return Commands.run(command).succeeded();
    }

    private static String fileOf(Path archive, String name) {
        return Commands.run("tar", "-xOf", archive.toString(), name).succeeded();
    }

    @Test
    void archiveHasTheImagesUnderTheirNames() throws IOException {
        docker("tag", PACKED, "berth-test-packed:2").succeeded();
        JsonNode items = json(fileOf(save(PACKED, "berth-test-packed:2", IMAGE), "manifest.json"));
        assertEquals(2, items.size());
        assertEquals("[\"berth-test-packed:1\",\"berth-test-packed:2\"]", items.get(0).path("RepoTags").toString());
        assertEquals("blobs/sha256/" + id(PACKED).substring(7), items.get(0).path("Config").asText());
        JsonNode all = json(fileOf(save("berth-test-packed"), "manifest.json"));
        assertEquals("[\"berth-test-packed:1\",\"berth-test-packed:2\"]", all.get(0).path("RepoTags").toString());
        assertTrue(json(fileOf(save(id(PACKED)), "manifest.json")).get(0).path("RepoTags").isNull());
    }

    @ParameterizedTest
    @CsvSource({"/images/nosuch/get, 404, No such image: nosuch", "/images/nosuch:1/get, 404, reference does not exist",
            "/images/get?names=" + IMAGE + "&names=nosuch, 404, No such image: nosuch",
            "/images/x@sha256:" + DIGITS + "/get, 404, reference does not exist", "/images/sha256:1111/get, 404, No such image: sha256:1111"})
    void unknownImagesAreRefusedBeforeTheFirstByte(String path, int status, String message) {
        RawHttp.Answer answer = engine.get(path);
        assertEquals(status + " " + message, answer.status() + " " + message(answer));
        assertEquals("application/json", answer.headers().get("content-type"));
    }

    @Test
    void eachImageThatIsSavedIsToldAsAnEvent() {
        save(PACKED);
        String image = id(PACKED);
        Await.until("the event", PATIENCE, () -> events().lines().anyMatch(image::equals), SaveLoadTest::events);
    }

    private static String events() {
        return docker("events", "--since", "1m", "--until", "0s", "--filter", "event=save", "--format", "{{.Actor.ID}}").succeeded();
    }

    @Test
    void emptyEngineHasTheSameImageAfterALoadAndItRuns() throws IOException {
        engine.requireBerth("it takes a second engine");
        Path archive = save(PACKED, IMAGE);
        try (EngineUnderTest second = EngineUnderTest.start()) {
            assertEquals("Loaded image: " + PACKED + "\nLoaded image: " + IMAGE + "\n", second.docker().run("load", "-i", archive.toString()).succeeded());
            assertEquals(id(PACKED), second.docker().run("image", "inspect", "--format", "{{.Id}}", PACKED).succeeded().strip());
            assertEquals("runs\n", second.docker().run("run", "--rm", PACKED).succeeded());
            Path again = scratch.resolve("again.tar");
            second.docker().run("save", "-o", again.toString(), PACKED, IMAGE).succeeded();
            assertEquals(-1, Files.mismatch(archive, again), "what is saved there is the same archive");
        }
    }

    @Test
    void manifestThatCameWithAnImageNamesItEverywhere() throws IOException {
        engine.requireBerth("the classic store of the reference knows the configuration's digest alone");
        Path archive = save(PACKED);
        String manifest = json(fileOf(archive, "index.json")).path("manifests").get(0).path("digest").asText();
        String image = id(PACKED);
        docker("rmi", PACKED).succeeded();
        for (String name : List.of(manifest, manifest.substring(7), manifest.substring(7, 19), "berth-test-packed@" + manifest)) {
            docker("load", "-i", archive.toString()).succeeded();
            assertEquals(image, id(name));
            assertEquals("runs\n", run("--rm", name).succeeded());
            assertEquals("Untagged: " + PACKED + "\nDeleted: " + image + "\n", docker("rmi", name).succeeded().replaceFirst("(?s)(Deleted: " + image + "\n).*", "$1"));
            assertEquals(1, docker("image", "inspect", PACKED).code());
        }
    }

    @Test
    void podmanLoadsWhatWasSavedAndTheReverse() throws IOException {
        String[] podman = {"podman", "--root", scratch.resolve("podman").toString(), "--runroot", engine.scratch().resolve("run-podman").toString(),
                "--storage-driver", "vfs"}; // it refuses a longer path for the latter
        String image = id(PACKED);
        tool(with(podman, "load", "-i", save(PACKED).toString()));
        tool(with(podman, "load", "-i", save(PACKED, IMAGE).toString()));
        String listed = tool(with(podman, "images", "--no-trunc", "--format", "{{.ID}}"));
        assertTrue(listed.contains(image) && listed.contains(id(IMAGE)), listed);
        for (String format : List.of("docker-archive", "oci-archive")) {
            if (format.equals("oci-archive")) {
                engine.requireBerth(NO_LAYOUTS);
            }
            Path archive = scratch.resolve(format);
            tool(with(podman, "save", "--format", format, "-o", archive.toString(), image));
            docker("rmi", "-f", PACKED);
            String loaded = docker("load", "-i", archive.toString()).succeeded();
            assertEquals("runs\n", run("--rm", loaded.replaceFirst("Loaded image( ID)?: ", "").strip()).succeeded(), format);
            docker("rmi", "-f", loaded.replaceFirst("Loaded image( ID)?: ", "").strip());
            docker("load", "-i", archive.toString()).succeeded();
        }
    }

    private static String[] with(String[] command, String... words) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }

    @Test
    void umociUnpacksWhatWasSavedAndItsLayoutIsLoaded() throws IOException {
        Path layout = Files.createDirectory(scratch.resolve("layout"));
        Commands.run("tar", "-C", layout.toString(), "-xf", save(PACKED).toString()).succeeded();
        tool("umoci", "unpack", "--image", layout + ":1", scratch.resolve("bundle").toString());
        assertTrue(Files.isExecutable(scratch.resolve("bundle/rootfs/bin/busybox")));
        tool("umoci", "config", "--image", layout + ":1", "--tag", "changed", "--config.cmd", "echo", "--config.cmd", "changed");
        engine.requireBerth(NO_LAYOUTS);
        docker("rmi", PACKED).succeeded();
        Path archive = scratch.resolve("umoci.tar");
        String changed = "{\"org.opencontainers.image.ref.name\":\"berth-test-umoci:1\"}";
        onlyManifest(layout, "changed", changed);
        Commands.run("tar", "-C", layout.toString(), "--exclude=./manifest.json", "--exclude=./repositories", "-cf", archive.toString(), ".").succeeded();
        assertEquals("Loaded image: berth-test-umoci:1\n", docker("load", "-i", archive.toString()).succeeded());
        assertEquals("changed\n", run("--rm", "berth-test-umoci:1").succeeded());
    }

    /** Leaves one image of a layout, under another name. */
    private static void onlyManifest(Path layout, String tag, String annotations) throws IOException {
        Path index = layout.resolve("index.json");
        for (JsonNode manifest : json(Files.readString(index)).path("manifests")) {
            if (manifest.path("annotations").path("org.opencontainers.image.ref.name").asText().equals(tag)) {
                Files.writeString(index, "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":%s,\"digest\":%s,\"size\":%s,\"annotations\":%s}]}".formatted(
                        manifest.path("mediaType"), manifest.path("digest"), manifest.path("size"), annotations));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-archive", "oci-archive"})
    void skopeoReadsWhatWasSavedAndWhatItWritesIsLoaded(String transport) {
        Path written = scratch.resolve("skopeo.tar");
        tool("skopeo", "--insecure-policy", "copy", "oci-archive:" + save(PACKED), transport + ":" + written + ":berth-test-skopeo:1");
        tool("skopeo", "--insecure-policy", "copy", "docker-archive:" + save(PACKED), "dir:" + scratch.resolve("directory"));
        if (transport.equals("oci-archive")) {
            engine.requireBerth(NO_LAYOUTS);
        }
        docker("rmi", PACKED).succeeded();
        assertEquals("Loaded image: berth-test-skopeo:1\n", docker("load", "-i", written.toString()).succeeded());
        assertEquals("runs\n", run("--rm", "berth-test-skopeo:1").succeeded());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "xz", "zstd"})
    void archivesMayBeCompressed(String program) throws IOException {
        Path archive = save(PACKED);
        docker("rmi", PACKED).succeeded();
        Commands.run("sh", "-c", program + " -c " + archive + " > " + archive + ".packed").succeeded();
        assertEquals("Loaded image: " + PACKED + "\n", docker("load", "-i", archive + ".packed").succeeded());
        assertEquals("runs\n", run("--rm", PACKED).succeeded());
    }

    @Test
    void platformThatAnImageLacksIsRefused() throws IOException {
        String platform = "{\"os\":\"linux\",\"architecture\":\"riscv64\"}";
        String query = java.net.URLEncoder.encode(platform, StandardCharsets.UTF_8);
        assertEquals("no suitable export target found for platform linux/riscv64", message(engine.get("/v1.48/images/" + PACKED + "/get?platform=" + query)));
        engine.requireBerth("the reference says nothing and loads nothing");
        assertTrue(docker("load", "--platform", "linux/riscv64", "-i", save(PACKED).toString()).err().contains("requested platform (linux/riscv64) not found"));
    }

    @Test
    void imageComesFromAWebServer() throws IOException {
        engine.requireBerth("the server is in the engine's network");
        Process server = new ProcessBuilder(engine.network().enter(TestImage.busybox().toString(), "httpd", "-f", "-p", "127.0.0.1:8099", "-h",
                scratch.toString())).start();
        try {
            Await.until("the web server", PATIENCE, () -> docker("import", "http://127.0.0.1:8099/root.tar.gz", "berth-test-remote:1").code() == 0,
                    () -> docker("import", "http://127.0.0.1:8099/root.tar.gz", "berth-test-remote:1").toString());
            assertEquals("remote\n", run("--rm", "berth-test-remote:1", "echo", "remote").succeeded());
            assertEquals("Imported from http://127.0.0.1:8099/root.tar.gz",
                    docker("image", "inspect", "--format", "{{.Comment}}", "berth-test-remote:1").succeeded().strip());
            RawHttp.Answer missing = engine.request("POST", "/images/create?fromSrc=http://127.0.0.1:8099/nosuch", "");
            assertTrue(missing.status() == 404 && message(missing).startsWith("failed to GET http://127.0.0.1:8099/nosuch with status 404 Not Found"), missing::text);
        } finally {
            server.destroy();
            server.onExit().join();
        }
        RawHttp.Answer refused = engine.request("POST", "/images/create?fromSrc=http://127.0.0.1:8099/x", "");
        assertEquals("500 Get \"http://127.0.0.1:8099/x\": dial tcp 127.0.0.1:8099: connect: connection refused", refused.status() + " " + message(refused));
    }
}
