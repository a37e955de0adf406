package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The libraries by which programs use an engine, each going through what its users do every day. They run as programs of
 * their own, where the engine's published ports are.
 */
class ClientLibrariesTest extends ContainerTest {

    private static final int CALLS = 25;
    private static final Path CLIENTS = Path.of("src/test/clients").toAbsolutePath();
    /** Where ./dev test installs what package-lock.json of the scenario names. */
    private static final Path NODE = Path.of("../target/clients/node").toAbsolutePath().normalize();

    private static String image;

    @BeforeAll
    static void packImage() throws IOException {
        engine.requireBuilt(List.of("POST /containers/x/exec", "GET /containers/x/archive", "GET /containers/x/changes", "GET /containers/x/export",
                "GET /containers/x/stats", "POST /containers/x/update", "POST /commit"));
        image = Files.write(engine.scratch().resolve("image.tar"), TestImage.archive(IMAGE)).toString();
    }

    @Test
    void pythonDockerAsDebianPackagesIt() {
        String python = System.getenv().getOrDefault("BERTH_PYTHON", "/usr/bin/python3");
        Assumptions.assumeTrue(Files.isExecutable(Path.of(python)) && Commands.run(python, "-c", "import docker").code() == 0,
                "needs the Debian package python3-docker");
        passes(python, CLIENTS.resolve("python/scenario.py").toString());
    }

    @Test
    void dockerodeFromNpm() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(NODE.resolve("node_modules/dockerode")), "./dev test installs dockerode in " + NODE);
        Path scenario = NODE.resolve("scenario.js"); // modules are looked for beside it
        Files.copy(CLIENTS.resolve("node/scenario.js"), scenario, StandardCopyOption.REPLACE_EXISTING);
        passes("node", scenario.toString());
    }

    @Test
    void dockerJava() {
        passes(java("io.berth.daemon.clients.DockerJavaScenario"));
    }

    @Test
    void testcontainersWithoutRyuk() {
        passes(java("io.berth.daemon.clients.TestcontainersScenario"));
    }

    private static String[] java(String program) {
        return new String[] {"env", "DOCKER_HOST=unix://" + engine.socket(), "TESTCONTAINERS_RYUK_DISABLED=true", "TESTCONTAINERS_CHECKS_DISABLE=true",
            "TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1", // also where these tests run in a container themselves
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), program};
    }

    private static void passes(String... program) {
        List<String> words = new ArrayList<>(List.of(program));
        words.addAll(List.of(engine.socket().toString(), image));
        Commands.Result result = engine.onHost(words.toArray(String[]::new));
        assertTrue(result.code() == 0, () -> result.out() + result.err());
        assertTrue(result.out().lines().filter(line -> line.startsWith("ok ")).count() >= CALLS, result::out);
    }
}
