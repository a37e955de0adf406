package io.berth.daemon.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.registry.SearchImages;
import io.berth.api.wire.registry.DistributionInspect;
import io.berth.api.wire.registry.DistributionInspect.Platform;
import io.berth.api.wire.registry.FoundImage;
import io.berth.store.content.Digest;
import io.berth.store.registry.Patience;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.RegistrySettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryServiceTest {

    private static final String IMAGE = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private final AtomicInteger made = new AtomicInteger();
    private final RegistryAccess access = new RegistryAccess(() -> {
        made.incrementAndGet();
        // The JDK's server answers nothing to the TLS that an insecure registry is tried with first.
        return RegistrySettings.DEFAULT.withPatience(new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2), 2, Duration.ZERO, Duration.ZERO));
    });
    private final RegistryService service = new RegistryService(access);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        access.close();
    }

    private void serve(String path, String type, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        server.createContext(path, exchange -> {
            try (exchange) {
                exchange.getResponseHeaders().set("Content-Type", type);
                boolean head = exchange.getRequestMethod().equals("HEAD");
                exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
                if (!head) {
                    exchange.getResponseBody().write(bytes);
                }
            }
        });
    }

    private String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    @Test
    void anImageTellsItsPlatformInItsConfiguration() {
        String config = "{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\"}";
        Digest digest = Digest.of(config.getBytes(StandardCharsets.UTF_8));
        String manifest = "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"digest\":\"" + digest + "\",\"size\":" + config.length() + "},\"layers\":[]}";
        serve("/v2/app/manifests/", IMAGE, manifest);
        serve("/v2/app/blobs/" + digest, "application/octet-stream", config);
        assertEquals(new DistributionInspect(new DistributionInspect.Descriptor(IMAGE, Digest.of(manifest.getBytes(StandardCharsets.UTF_8)).toString(),
                manifest.length()), List.of(new Platform("arm", "linux", "v7"))), service.describe(host() + "/app:1", ""));
    }

    @Test
    void aConfigurationThatIsAnotherOneIsRefused() {
        Digest digest = Digest.of(new byte[3]);
        serve("/v2/app/manifests/", IMAGE, "{\"config\":{\"digest\":\"" + digest + "\",\"size\":3},\"layers\":[]}");
        serve("/v2/app/blobs/" + digest, "application/octet-stream", "abc");
        assertEquals(RegistryException.Kind.INVALID, assertThrows(RegistryException.class, () -> service.describe(host() + "/app:1", "")).kind());
    }

    @Test
    void anIndexTellsAllPlatforms() {
        String digest = "sha256:" + "a".repeat(64);
        serve("/v2/app/manifests/", INDEX, "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"" + digest
                + "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},{\"digest\":\"" + digest
                + "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}}]}");
        assertEquals(List.of(new Platform("amd64", "linux", ""), new Platform("arm64", "linux", "v8")), service.describe(host() + "/app", "").platforms());
    }

    @Test
    void aSearchIsFilteredByStarsAndOfficials() {
        serve("/v1/search", "application/json", "{\"results\":[{\"name\":\"foo\",\"star_count\":5,\"is_official\":true,\"is_automated\":true,"
                + "\"description\":\"d\"},{\"name\":\"me/foo\",\"star_count\":1}]}");
        FoundImage official = new FoundImage(5, true, "foo", false, "d");
        FoundImage other = new FoundImage(1, false, "me/foo", false, "");
        assertEquals(List.of(official, other), search(Map.of()));
        assertEquals(List.of(official), search(Map.of("stars", List.of("3", "0"))));
        assertEquals(List.of(official), search(Map.of("is-official", List.of("true"))));
        assertEquals(List.of(other), search(Map.of("is-official", List.of("0"))));
        assertEquals(List.of(), search(Map.of("is-automated", List.of("true"))));
        assertThrows(ApiException.class, () -> search(Map.of("stars", List.of("a"))));
    }

    private List<FoundImage> search(Map<String, List<String>> filters) {
        return service.search(new SearchImages(host() + "/foo", 25, new Filters(filters), ""));
    }

    @Test
    void theClientOfRegistriesIsMadeWhenItIsFirstNeeded() {
        assertEquals(0, made.get());
        access.get();
        access.get();
        assertEquals(1, made.get());
    }
}
