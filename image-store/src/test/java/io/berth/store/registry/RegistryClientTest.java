package io.berth.store.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.Registries.Access;
import io.berth.store.registry.RegistryException.Kind;
import io.berth.store.registry.TestRegistry.Options;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against Debian's docker-registry. */
class RegistryClientTest {

    private static final Credentials TESTER = new Credentials(TestRegistry.USER, TestRegistry.PASSWORD, "", "");
    private static final Credentials WRONG = new Credentials(TestRegistry.USER, "wrong", "", "");
    private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

    @TempDir
    Path directory;

    @BeforeEach
    void needsTheProgram() {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
    }

    @Test
    void whatIsPushedIsPulledWithTheSameDigests() throws IOException {
        try (TestRegistry registry = TestRegistry.start(directory, Options.PLAIN); HttpRegistries registries = registries()) {
            roundTrip(registries, registry.address(), Credentials.ANONYMOUS);
        }
    }

    @Test
    void aPasswordOpensTheRegistry() throws IOException {
        try (TestRegistry registry = TestRegistry.start(directory, Options.HTPASSWD); HttpRegistries registries = registries()) {
            roundTrip(registries, registry.address(), TESTER);
            Repository nobodys = registries.repository(name(registry.address(), "app"), Credentials.ANONYMOUS, Access.PULL);
            RegistryException nobody = assertThrows(RegistryException.class, () -> nobodys.describe("1"));
            assertEquals(Kind.NO_CREDENTIALS, nobody.kind());
            assertEquals("Get \"http://" + registry.address() + "/v2/app/manifests/1\": no basic auth credentials", nobody.getMessage().replace("Head", "Get"));
            RegistryException wrong = assertThrows(RegistryException.class,
                    () -> registries.repository(name(registry.address(), "app"), WRONG, Access.PULL).describe("1"));
            assertEquals(Kind.UNAUTHORIZED, wrong.kind());
            assertEquals("unauthorized: authentication required", wrong.getMessage());
        }
    }

    @Test
    void anInsecureRegistryMayShowAnyCertificate() throws IOException {
        TestAuthority authority = TestAuthority.make(directory);
        try (TestRegistry registry = TestRegistry.start(directory, Options.tls(authority.server("registry", "DNS:another.test")));
                HttpRegistries registries = registries()) {
            roundTrip(registries, registry.address(), Credentials.ANONYMOUS);
        }
    }

    @Test
    void tokensOpenTheRegistryToWhoeverMayUseIt() throws IOException {
        TestAuthority authority = TestAuthority.make(directory);
        try (TestTokenServer tokens = TestTokenServer.start(authority);
                TestRegistry registry = TestRegistry.start(directory, Options.token(tokens.auth())); HttpRegistries registries = registries()) {
            roundTrip(registries, registry.address(), TESTER);
            assertEquals(List.of("repository:app:pull,push", "repository:app:pull"), tokens.asked());
            push(registries.repository(name(registry.address(), "public/app"), TESTER, Access.PUSH), "1", bytes(10));
            registries.repository(name(registry.address(), "public/app"), Credentials.ANONYMOUS, Access.PULL).manifest("1");
            RegistryException denied = assertThrows(RegistryException.class,
                    () -> registries.repository(name(registry.address(), "app"), Credentials.ANONYMOUS, Access.PULL).manifest("1"));
            assertEquals("pull access denied for " + registry.address() + "/app, repository does not exist or may require 'docker login': "
                    + "denied: requested access to the resource is denied", denied.getMessage());
            RegistryException wrong = assertThrows(RegistryException.class,
                    () -> registries.repository(name(registry.address(), "app"), WRONG, Access.PULL).manifest("1"));
            assertEquals("Get \"http://" + registry.address() + "/v2/app/manifests/1\": unauthorized: incorrect username or password", wrong.getMessage());
        }
    }

    @Test
    void aTokenThatEndsInTheMiddleOfAPushIsReplaced() throws IOException {
        TestAuthority authority = TestAuthority.make(directory);
        try (TestTokenServer tokens = TestTokenServer.start(authority);
                TestRegistry registry = TestRegistry.start(directory, Options.token(tokens.auth())); HttpRegistries registries = registries()) {
            // The registry allows for a minute's difference of clocks.
            tokens.shorten(-61);
            Repository repository = registries.repository(name(registry.address(), "app"), TESTER, Access.PUSH);
            assertThrows(RegistryException.class, () -> repository.describe("1"));
            tokens.shorten(300);
            int before = tokens.asked().size();
            push(repository, "1", bytes(10));
            assertEquals(before + 1, tokens.asked().size());
        }
    }

    @Test
    void aLoginGivesAnIdentityTokenThatOpensTheRegistryToo() throws IOException {
        TestAuthority authority = TestAuthority.make(directory);
        try (TestTokenServer tokens = TestTokenServer.start(authority);
                TestRegistry registry = TestRegistry.start(directory, Options.token(tokens.auth())); HttpRegistries registries = registries()) {
            String token = registries.login(registry.address(), TESTER);
            assertEquals(TestTokenServer.IDENTITY_TOKEN, token);
            push(registries.repository(name(registry.address(), "app"), new Credentials("", "", token, ""), Access.PUSH), "1", bytes(10));
            RegistryException wrong = assertThrows(RegistryException.class, () -> registries.login(registry.address(), WRONG));
            assertEquals(Kind.UNAUTHORIZED, wrong.kind());
            assertEquals("Get \"http://" + registry.address() + "/v2/\": unauthorized: incorrect username or password", wrong.getMessage());
        }
    }

    @Test
    void aLoginWithAPasswordIsAcceptedOrRefused() throws IOException {
        try (TestRegistry registry = TestRegistry.start(directory, Options.HTPASSWD); HttpRegistries registries = registries()) {
            assertEquals("", registries.login(registry.address(), TESTER));
            assertEquals("login attempt to http://" + registry.address() + "/v2/ failed with status: 401 Unauthorized",
                    assertThrows(RegistryException.class, () -> registries.login(registry.address(), WRONG)).getMessage());
        }
    }

    @Test
    void whatIsMissingIsToldInTheWordsOfTheReference() throws IOException {
        try (TestRegistry registry = TestRegistry.start(directory, Options.PLAIN); HttpRegistries registries = registries()) {
            push(registries.repository(name(registry.address(), "app"), Credentials.ANONYMOUS, Access.PUSH), "1", bytes(10));
            String start = "manifest for " + registry.address();
            assertEquals(start + "/nope:1 not found: manifest unknown: manifest unknown", missing(registries, registry, "nope", "1"));
            assertEquals(start + "/app:2 not found: manifest unknown: manifest unknown", missing(registries, registry, "app", "2"));
            String digest = "sha256:" + "a".repeat(64);
            assertEquals(start + "/app@" + digest + " not found: manifest unknown: manifest unknown", missing(registries, registry, "app", digest));
        }
    }

    private static String missing(HttpRegistries registries, TestRegistry registry, String path, String reference) {
        Repository repository = registries.repository(name(registry.address(), path), Credentials.ANONYMOUS, Access.PULL);
        RegistryException failure = assertThrows(RegistryException.class, () -> repository.manifest(reference));
        assertEquals(Kind.NOT_FOUND, failure.kind());
        assertEquals(failure.getMessage(), assertThrows(RegistryException.class, () -> repository.describe(reference)).getMessage());
        return failure.getMessage();
    }

    @Test
    void aBlobIsMountedFromAnotherRepository() throws IOException {
        try (TestRegistry registry = TestRegistry.start(directory, Options.PLAIN); HttpRegistries registries = registries()) {
            byte[] layer = bytes(100);
            push(registries.repository(name(registry.address(), "one"), Credentials.ANONYMOUS, Access.PUSH), "1", layer);
            Repository other = registries.repository(name(registry.address(), "two"), Credentials.ANONYMOUS, Access.PUSH);
            assertFalse(other.hasBlob(Digest.of(layer)));
            assertTrue(other.mount(Digest.of(layer), name(registry.address(), "one")));
            assertTrue(other.hasBlob(Digest.of(layer)));
            byte[] unknown = bytes(101);
            assertFalse(other.mount(Digest.of(unknown), name(registry.address(), "one")));
            // Goes on with the upload that the registry began instead.
            upload(other, unknown);
            assertTrue(other.hasBlob(Digest.of(unknown)));
        }
    }

    private void roundTrip(HttpRegistries registries, String address, Credentials credentials) throws IOException {
        byte[] layer = bytes(3 << 20);
        Repository to = registries.repository(name(address, "app"), credentials, Access.PUSH);
        Digest manifest = push(to, "1", layer);
        push(to, "2", bytes(5));
        Repository from = registries.repository(name(address, "app"), credentials, Access.PULL);
        assertEquals(manifest, from.describe("1").digest());
        assertEquals(MANIFEST_TYPE, from.describe(manifest.toString()).mediaType());
        assertEquals(manifest, Digest.of(from.manifest("1").content()));
        assertEquals(List.of("1", "2"), from.tags().stream().sorted().toList());
        Descriptor blob = descriptor("application/vnd.oci.image.layer.v1.tar", layer);
        try (InputStream all = from.blob(blob, 0); InputStream rest = from.blob(blob, 1_000_000);
                InputStream part = from.part(blob, 10, 5).orElseThrow()) {
            assertArrayEquals(layer, all.readAllBytes());
            assertArrayEquals(java.util.Arrays.copyOfRange(layer, 1_000_000, layer.length), rest.readAllBytes());
            assertArrayEquals(java.util.Arrays.copyOfRange(layer, 10, 15), part.readAllBytes());
        }
    }

    private static Digest push(Repository repository, String tag, byte[] layer) {
        byte[] config = "{\"architecture\":\"amd64\",\"os\":\"linux\"}".getBytes(StandardCharsets.UTF_8);
        upload(repository, config);
        upload(repository, layer);
        byte[] manifest = """
                {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":%d},"layers":[
                {"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}"""
                .formatted(MANIFEST_TYPE, CONFIG_TYPE, Digest.of(config), config.length, Digest.of(layer), layer.length).getBytes(StandardCharsets.UTF_8);
        repository.putManifest(tag, new Repository.Document(descriptor(MANIFEST_TYPE, manifest), manifest));
        return Digest.of(manifest);
    }

    private static void upload(Repository repository, byte[] content) {
        List<Long> told = new ArrayList<>();
        repository.upload(Digest.of(content), content.length, () -> new ByteArrayInputStream(content), told::add);
        assertEquals(content.length, told.getLast());
    }

    private static Descriptor descriptor(String mediaType, byte[] content) {
        return new Descriptor(mediaType, Digest.of(content), content.length, Optional.empty(), Map.of());
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static ImageReference name(String address, String path) {
        return ImageReference.parse(address + '/' + path);
    }

    private HttpRegistries registries() throws IOException {
        return new HttpRegistries(new RegistrySettings(InsecureRegistries.LOOPBACK, List.of(), Proxies.NONE,
                List.of(Files.createDirectories(directory.resolve("certs.d"))), Patience.DEFAULT));
    }
}
