package io.berth.store.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.HostileServer.Handler;
import io.berth.store.registry.HostileServer.Received;
import io.berth.store.registry.Registries.Access;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry with a mirror, which a hosts.toml names. */
@Timeout(60)
class MirrorTest {

    private static final String MANIFEST = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{}}";
    private static final byte[] BLOB = {1, 2, 3, 4};
    private static final Descriptor LAYER = new Descriptor("", Digest.of(BLOB), BLOB.length, Optional.empty(), Map.of());
    private static final Credentials USER = new Credentials("me", "secret", "", "");

    @TempDir
    Path directory;
    private HostileServer mirror;
    private HostileServer registry;
    private HttpRegistries registries;

    @AfterEach
    void stop() throws IOException {
        registries.close();
        mirror.close();
        registry.close();
    }

    private Repository repository(Access access, Handler ofMirror, Handler ofRegistry) throws IOException {
        mirror = new HostileServer("127.0.0.2", ofMirror);
        registry = new HostileServer("127.0.0.1", ofRegistry);
        Path home = Files.createDirectories(directory.resolve(registry.address()));
        Files.writeString(home.resolve("hosts.toml"), """
                server = "http://%s"
                [host."http://%s"]
                  capabilities = ["pull", "resolve"]
                  [host."http://%s".header]
                    x-cache-key = "k"
                """.formatted(registry.address(), mirror.address(), mirror.address()));
        registries = new HttpRegistries(new RegistrySettings(InsecureRegistries.LOOPBACK, List.of(), Proxies.NONE, List.of(directory),
                new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 1, Duration.ZERO, Duration.ZERO)));
        return registries.repository(ImageReference.parse(registry.address() + "/app"), USER, access);
    }

    private static byte[] read(Repository repository) throws IOException {
        try (InputStream in = repository.blob(LAYER, 0)) {
            return in.readAllBytes();
        }
    }

    @Test
    void whatTheMirrorHasIsNotAskedOfTheRegistryAndTheMirrorLearnsNoPassword() throws IOException {
        Repository repository = repository(Access.PULL, (request, out) -> HostileServer.answer(out, 200, "", MANIFEST),
                (request, out) -> HostileServer.answer(out, 500, "", ""));
        repository.manifest("1");
        assertEquals(List.of(), registry.received());
        assertEquals("k", mirror.received().getFirst().header("x-cache-key"));
        assertEquals("", mirror.received().getFirst().header("authorization"));
    }

    @Test
    void aMirrorThatAsksWhoItIsOrFailsIsPassedOver() throws IOException {
        Repository repository = repository(Access.PULL, (request, out) -> HostileServer.answer(out, 401, "WWW-Authenticate: Basic realm=\"give\"\r\n", ""),
                (request, out) -> HostileServer.answer(out, 200, "", MANIFEST));
        repository.manifest("1");
        assertTrue(mirror.received().stream().allMatch(request -> request.header("authorization").isEmpty()));
        assertEquals("", registry.received().getFirst().header("x-cache-key"));
        mirror.close();
        repository.manifest("1");
    }

    @Test
    void aBlobThatTheMirrorCutsShortComesFromTheRegistryTheSecondTime() throws IOException {
        Repository repository = repository(Access.PULL, (request, out) -> HostileServer.head(out, 200, "Content-Length: 4\r\n"),
                (request, out) -> HostileServer.answer(out, 200, "", BLOB));
        assertThrows(IOException.class, () -> read(repository));
        assertArrayEquals(BLOB, read(repository));
    }

    @Test
    void theRegistrysOwnAnswerIsWhatIsTold() throws IOException {
        Repository repository = repository(Access.PULL, (request, out) -> HostileServer.answer(out, 503, "", ""),
                (request, out) -> HostileServer.answer(out, 404, "", "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"no such repository\"}]}"));
        assertEquals("repository " + registry.address() + "/app not found: name unknown: no such repository",
                assertThrows(RegistryException.class, () -> repository.manifest("1")).getMessage());
    }

    @Test
    void nothingIsPushedToAMirror() throws IOException {
        Repository repository = repository(Access.PUSH, (request, out) -> HostileServer.answer(out, 202, "Location: /x\r\n", ""),
                (request, out) -> HostileServer.answer(out, request.method().equals("POST") ? 202 : 201, "Location: /up\r\n", ""));
        repository.upload(LAYER.digest(), BLOB.length, () -> new ByteArrayInputStream(BLOB), sent -> { });
        assertEquals(List.of(), mirror.received());
        assertEquals(List.of("POST", "PUT"), registry.received().stream().map(Received::method).toList());
    }
}
