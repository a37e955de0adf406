package io.berth.store.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.registry.RegistryHost.Capability;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who serves a registry, by the settings and by what the operator put into certs.d. */
class RegistryHostsTest {

    @TempDir
    Path directory;

    private List<RegistryHost> hosts(String domain, List<String> insecure, String... mirrors) {
        return new RegistryHosts(new RegistrySettings(InsecureRegistries.of(insecure), List.of(mirrors).stream().map(URI::create).toList(),
                Proxies.NONE, List.of(directory.resolve("first"), directory), Patience.DEFAULT)).of(domain);
    }

    private Path write(String file, String content) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content);
    }

    @Test
    void dockerIoIsServedByItsMirrorsAndThenByItself() {
        List<RegistryHost> hosts = hosts("docker.io", List.of("mirror.test:5000"), "https://mirror.test:5000/prefix/", "http://plain.test/");
        assertEquals(List.of("https://mirror.test:5000/prefix/v2", "http://plain.test/v2", "https://registry-1.docker.io/v2"), bases(hosts));
        assertEquals(List.of(false, false, true), hosts.stream().map(RegistryHost::itself).toList());
        assertEquals(Set.of(Capability.PULL, Capability.RESOLVE), hosts.getFirst().capabilities());
        assertTrue(hosts.getFirst().tls().anybody());
        assertEquals(List.of("https://other.test/v2"), bases(hosts("other.test", List.of(), "https://mirror.test")));
    }

    @Test
    void insecureAreTheLoopbackAndWhatIsNamed() {
        for (String host : List.of("127.0.0.1:5000", "127.9.9.9", "[::1]:5000", "localhost", "localhost:80", "10.2.3.4:5000", "plain.test:5000", "any.test:1")) {
            RegistryHost registry = hosts(host, List.of("10.0.0.0/8", "plain.test:5000", "any.test")).getFirst();
            assertTrue(registry.plainToo() && registry.tls().anybody(), host);
        }
        for (String host : List.of("11.2.3.4:5000", "plain.test.invalid:5001")) {
            RegistryHost registry = hosts(host, List.of("10.0.0.0/8", "plain.test:5000")).getFirst();
            assertFalse(registry.plainToo() || registry.tls().anybody(), host);
        }
    }

    @Test
    void certificatesAreReadInDockersLayout() throws IOException {
        Path authority = write("a.test:5000/one.crt", "");
        Path certificate = write("a.test:5000/client.cert", "");
        Path key = write("a.test:5000/client.key", "");
        Tls tls = hosts("a.test:5000", List.of()).getFirst().tls();
        assertEquals(List.of(authority), tls.authorities());
        assertEquals(List.of(new Tls.Client(certificate, key)), tls.clients());
        Files.delete(key);
        assertEquals("missing key client.key for client certificate client.cert. CA certificates must use the extension .crt",
                assertThrows(RegistryException.class, () -> hosts("a.test:5000", List.of())).getMessage());
    }

    @Test
    void hostsTomlNamesMirrorsOfAnyRegistry() throws IOException {
        write("a.test_5000_/hosts.toml", """
                server = "https://real.test"
                ca = "root.crt"
                [host."https://mirror.test:9/some"]
                  capabilities = ["pull", "resolve"]
                  ca = ["one.crt", "/two.crt"]
                  client = [["c.pem", "c.key"], ["both.pem", ""]]
                  [host."https://mirror.test:9/some".header]
                    x-one = "1"
                    x-many = ["a", "b"]
                [host."http://plain.test"]
                  skip_verify = true
                [host."https://odd.test/as/is"]
                  capabilities = ["push"]
                  override_path = true
                """);
        List<RegistryHost> hosts = hosts("a.test:5000", List.of());
        assertEquals(List.of("https://mirror.test:9/some/v2", "http://plain.test/v2", "https://odd.test/as/is", "https://real.test/v2"), bases(hosts));
        RegistryHost mirror = hosts.getFirst();
        assertEquals(EnumSet.of(Capability.PULL, Capability.RESOLVE), mirror.capabilities());
        Path home = directory.resolve("a.test_5000_");
        assertEquals(List.of(home.resolve("one.crt"), Path.of("/two.crt")), mirror.tls().authorities());
        assertEquals(List.of(new Tls.Client(home.resolve("c.pem"), home.resolve("c.key")), new Tls.Client(home.resolve("both.pem"), home.resolve("both.pem"))),
                mirror.tls().clients());
        assertEquals(Map.of("x-one", "1", "x-many", "a, b"), mirror.headers());
        assertTrue(hosts.get(1).tls().anybody());
        assertEquals(EnumSet.of(Capability.PUSH), hosts.get(2).capabilities());
        assertEquals(List.of(home.resolve("root.crt")), hosts.getLast().tls().authorities());
        assertTrue(hosts.getLast().itself());
    }

    @Test
    void aDefaultHoldsForWhoHasNoDirectory() throws IOException {
        write("_default/hosts.toml", "[host.\"https://cache.test\"]\n");
        assertEquals(List.of("https://cache.test/v2", "https://a.test/v2"), bases(hosts("a.test", List.of())));
        write("first/a.test/hosts.toml", "");
        assertEquals(List.of("https://a.test/v2"), bases(hosts("a.test", List.of())));
    }

    @Test
    void aBrokenHostsTomlIsNamed() throws IOException {
        Path file = write("a.test/hosts.toml", "server = [\n");
        assertTrue(assertThrows(RegistryException.class, () -> hosts("a.test", List.of())).getMessage().startsWith("read " + file + ": "));
        write("a.test/hosts.toml", "[host.\"https://x\"]\ncapabilities = [\"fly\"]\n");
        assertEquals("read " + file + ": unknown capability fly", assertThrows(RegistryException.class, () -> hosts("a.test", List.of())).getMessage());
    }

    private static List<String> bases(List<RegistryHost> hosts) {
        return hosts.stream().map(RegistryHost::base).map(URI::toString).toList();
    }
}
