package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.content.Digest;
import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Images whose manifest is of version 2, schema 1, which has no digest of the configuration: nobody makes them any more. */
@Tag("engine")
@Timeout(120)
class OldManifestTest {

    private static final String TYPE = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    private static final String LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    private static EngineUnderTest engine;
    private static TestRegistry registry;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        engine = EngineUnderTest.start();
        registry = TestRegistry.start(engine.scratch(), Options.PLAIN, engine::enterHost);
        registry.put("old", "1", manifest(), List.of());
        byte[] list = ("{\"schemaVersion\":2,\"mediaType\":\"" + LIST + "\",\"manifests\":[{\"mediaType\":\"" + TYPE + "\",\"digest\":\"" + Digest.of(manifest())
                + "\",\"size\":" + manifest().length + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + OciLayoutFixture.here() + "\"}}]}")
                .getBytes(StandardCharsets.UTF_8);
        registry.put("old", "list", list, List.of());
    }

    @AfterAll
    static void stop() {
        if (engine != null) {
            registry.close();
            engine.close();
        }
    }

    /** What cannot be pulled leaves nothing. */
    @AfterEach
    void nothingIsThere() {
        assertEquals("", engine.docker().run("images", "-q", registry.address() + "/old").succeeded());
    }

    /** Without signatures: so it has its digest, and so a registry keeps it, which signs it anew whenever it serves it. */
    private static byte[] manifest() {
        String layer = "{\"id\":\"" + "1".repeat(64) + "\",\"architecture\":\"" + OciLayoutFixture.here() + "\",\"os\":\"linux\"}";
        return ("{\"schemaVersion\":1,\"name\":\"old\",\"tag\":\"1\",\"architecture\":\"" + OciLayoutFixture.here() + "\",\"fsLayers\":[{\"blobSum\":\""
                + Digest.of(new byte[0]) + "\"}],\"history\":[{\"v1Compatibility\":\"" + layer.replace("\"", "\\\"") + "\"}]}").getBytes(StandardCharsets.UTF_8);
    }

    /** Of a list the reference names the list, we the manifest. */
    private static void assertRefused(String name) {
        Commands.Result pull = engine.docker().run("pull", name);
        assertEquals(1, pull.code(), pull.out());
        assertTrue(pull.err().contains("Docker Image Format v1 and Docker Image manifest version 2, schema 1 "), pull.err());
        assertTrue(pull.err().contains("Suggest the author of " + registry.address() + "/old"), pull.err());
    }

    @Test
    void anImageThatHasNoOtherIsRefusedWithAdvice() {
        assertRefused(registry.address() + "/old:1");
        assertRefused(registry.address() + "/old@" + Digest.of(manifest()));
    }

    @Test
    void aListThatNamesOneIsRefusedWithAdvice() {
        assertRefused(registry.address() + "/old:list");
    }
}
