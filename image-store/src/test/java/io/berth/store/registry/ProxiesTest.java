package io.berth.store.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.store.image.ImageReference;
import io.berth.store.registry.Registries.Access;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiesTest {

    @ParameterizedTest
    @CsvSource({
        "example.com,example.com,true", "example.com,www.example.com,true", "example.com,notexample.com,false",
        ".example.com,example.com,false", ".example.com,www.example.com,true", "*.example.com,www.example.com,true",
        "EXAMPLE.com,example.COM,true", "example.com:443,example.com,true", "example.com:80,example.com,false",
        "10.0.0.0/8,10.1.2.3,true", "10.0.0.0/8,11.1.2.3,false", "10.1.2.3,10.1.2.3,true", "fd00::/8,[fd00::1],true", "*,anything.test,true",
        "'a.test, b.test',b.test,true", "'',127.0.0.1,true", "'',localhost,true", "'',[::1],true", "'',example.com,false"
    })
    void hostsThatNeedNoProxyAreFoundInEverySpelling(String rules, String host, boolean direct) {
        Proxies proxies = new Proxies("", "http://proxy:3128", rules);
        assertEquals(direct, proxies.of(URI.create("https://" + host + "/v2/")).isEmpty());
    }

    @Test
    void theEnvironmentIsReadInBothSpellings() {
        assertEquals(new Proxies("http://a", "http://b", "c"),
                Proxies.of("", "", "", Map.of("http_proxy", "http://a", "HTTPS_PROXY", "http://b", "https_proxy", "http://z", "no_proxy", "c")));
    }

    @Test
    void passwordsOfProxiesAreNotShown() {
        Proxies proxies = new Proxies("http://me:secret@proxy:1", "", "");
        assertFalse(proxies.toString().contains("secret"));
        assertEquals(Optional.of("Basic bWU6c2VjcmV0"), proxies.authorization(URI.create("http://x.test/")));
        assertEquals(Optional.empty(), proxies.authorization(URI.create("https://x.test/")));
    }

    @Test
    void aProxyIsAskedForATunnelAndToldWhoAsks() throws IOException {
        try (HostileServer proxy = new HostileServer((request, out) -> HostileServer.answer(out, 403, "", "no"))) {
            Patience quick = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 1, Duration.ZERO, Duration.ZERO);
            try (HttpRegistries registries = new HttpRegistries(new RegistrySettings(InsecureRegistries.LOOPBACK, List.of(),
                    new Proxies("", "http://me:secret@" + proxy.address(), ""), List.of(), quick))) {
                Repository repository = registries.repository(ImageReference.parse("registry.test/app"), Credentials.ANONYMOUS, Access.PULL);
                assertThrows(RegistryException.class, () -> repository.describe("1"));
            }
            assertEquals("CONNECT registry.test:443", proxy.received().getFirst().toString());
            assertEquals("Basic bWU6c2VjcmV0", proxy.received().getFirst().header("proxy-authorization"));
        }
    }
}
