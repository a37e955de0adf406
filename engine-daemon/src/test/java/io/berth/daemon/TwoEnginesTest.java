package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.registry.TestAuthority;
import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two hosts and a cable between them; a registry on one of them serves both. */
@Tag("engine")
@Timeout(120)
class TwoEnginesTest {

    private EngineUnderTest here;
    private EngineUnderTest there;
    private TestRegistry registry;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        here = EngineUnderTest.startWithCertificates();
        here.requireBerth("there is one reference alone");
        there = EngineUnderTest.startWithCertificates();
        here.network().connect(there.network(), "192.0.2.1/24", "192.0.2.2/24");
        TestAuthority authority = TestAuthority.make(Files.createDirectory(here.scratch().resolve("authority")));
        registry = TestRegistry.start(here.scratch(), Options.tls(authority.server("registry", "IP:192.0.2.1")).at("192.0.2.1"), here::enterHost);
        for (EngineUnderTest engine : new EngineUnderTest[] {here, there}) {
            Files.copy(authority.certificate(), Files.createDirectory(engine.certificates().resolve(registry.address())).resolve("ca.crt"));
        }
    }

    @AfterEach
    void stop() {
        if (registry != null) {
            registry.close();
        }
        if (there != null) {
            there.close();
        }
        if (here != null) {
            here.close();
        }
    }

    @Test
    void whatOnePushesIsTheSameImageForAnotherWithNothingInIt() {
        String name = registry.address() + "/flow/app:1";
        here.docker().runWithInput(TestImage.rootFileSystem(), "import", "-", "base").succeeded();
        here.docker().run("run", "--network", "none", "--name", "change", "base", "sh", "-c", "echo changed > /file; ln -s file /link; rm /etc/group").succeeded();
        here.docker().run("commit", "-c", "CMD [\"cat\", \"/link\"]", "-c", "ENV WHO=me", "change", name).succeeded();
        assertTrue(here.docker().run("push", name).succeeded().contains("1: digest: sha256:"));
        assertEquals("", there.docker().run("images", "-aq").succeeded());
        there.docker().run("pull", name).succeeded();
        String image = identity(here, name);
        assertTrue(image.matches("(?s)sha256:[0-9a-f]{64} \\[\"" + registry.address() + "/flow/app@sha256:[0-9a-f]{64}\"] \\[\"sha256:[0-9a-f]{64}\",\"sha256:[0-9a-f]{64}\"] .*\"WHO=me\".*"), image);
        assertEquals(image, identity(there, name));
        assertEquals("changed\n", there.docker().run("run", "--rm", "--network", "none", name).succeeded());
        assertEquals("0\n", there.docker().run("run", "--rm", "--network", "none", name, "sh", "-c", "ls /etc | grep -c group || true").succeeded());
    }

    /** Its id, its digests, its layers, and what a container of it gets. */
    private static String identity(EngineUnderTest engine, String name) {
        return engine.docker().run("image", "inspect", "-f", "{{.Id}} {{json .RepoDigests}} {{json .RootFS.Layers}} {{json .Config}}", name).succeeded();
    }
}
