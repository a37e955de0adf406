package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.registry.TestAuthority;
import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A registry on an address that is not this machine's loopback, where nobody is believed whose certificate nobody vouches for. */
@Tag("engine")
@Timeout(120)
class RemoteRegistryTest {

    /** One for documentation (RFC 5737), which nobody has. */
    private static final String ADDRESS = "192.0.2.1";

    private static EngineUnderTest engine;
    private static TestAuthority authority;
    private static TestRegistry registry;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        engine = EngineUnderTest.startWithCertificates();
        engine.onHost("ip", "address", "add", ADDRESS + "/32", "dev", "lo").succeeded();
        authority = TestAuthority.make(Files.createDirectory(engine.scratch().resolve("authority")));
        registry = TestRegistry.start(engine.scratch(), Options.tls(authority.server("registry", "IP:" + ADDRESS)).at(ADDRESS), engine::enterHost);
        new RegistryImage().with("a", 100_000).put(registry, "app", "1");
    }

    @AfterAll
    static void stop() {
        if (engine != null) {
            registry.close();
            engine.onHost("ip", "address", "delete", ADDRESS + "/32", "dev", "lo").succeeded();
            engine.close();
        }
    }

    @AfterEach
    void forget() {
        Residue.delete(own());
        docker("images", "-q", "--no-trunc", registry.address() + "/*").succeeded().lines().distinct().forEach(image -> docker("rmi", "-f", image).succeeded());
    }

    private static Path own() {
        return engine.certificates().resolve(registry.address());
    }

    private static String image(String tag) {
        return registry.address() + "/app:" + tag;
    }

    private static Commands.Result docker(String... arguments) {
        return engine.docker().run(arguments);
    }

    @Test
    void aRegistryIsNotBelievedWhoseAuthorityNobodyNames() {
        String refusal = "Get \"https://" + registry.address() + "/v2/\": tls: failed to verify certificate: x509: certificate signed by unknown authority";
        assertRefused(refusal, docker("pull", image("1")));
        engine.docker().runWithInput(TestImage.rootFileSystem(), "import", "-", image("2")).succeeded();
        assertRefused(refusal, docker("push", image("2")));
        assertRefused(refusal, engine.docker().runWithInput("x".getBytes(StandardCharsets.UTF_8), "login", "-u", "x", "--password-stdin", registry.address()));
        assertFalse(Files.exists(own()));
    }

    private static void assertRefused(String message, Commands.Result result) {
        assertEquals(1, result.code(), result.out());
        assertTrue(result.err().contains(message), result.err());
    }

    @Test
    void theAuthorityInDockersDirectoryOfTheRegistryIsBelievedAtOnce() throws IOException {
        Files.copy(authority.certificate(), Files.createDirectory(own()).resolve("ca.crt"));
        comesAndGoes();
    }

    @Test
    void theAuthorityThatContainerdsFileOfHostsNamesIsBelievedAtOnce() throws IOException {
        engine.requireBerth("the reference's classic store reads no hosts.toml");
        Path certificate = Files.copy(authority.certificate(), Files.createDirectory(own()).resolve("authority.pem"));
        Files.writeString(own().resolve("hosts.toml"), "server = \"https://" + registry.address() + "\"\nca = \"" + certificate.getFileName() + "\"\n");
        comesAndGoes();
    }

    @Test
    void theAuthorityOfAnotherIsNotBelieved() throws IOException {
        TestAuthority other = TestAuthority.make(Files.createTempDirectory(engine.scratch(), "other"));
        Files.copy(other.certificate(), Files.createDirectory(own()).resolve("ca.crt"));
        assertRefused("x509: certificate signed by unknown authority", docker("pull", image("1")));
    }

    private static void comesAndGoes() {
        assertEquals("100000\n", docker("run", "--rm", "--network", "none", image("1"), "stat", "-c", "%s", "/a").succeeded());
        docker("tag", image("1"), image("2")).succeeded();
        assertTrue(docker("push", image("2")).succeeded().contains("2: digest: sha256:"));
    }
}
