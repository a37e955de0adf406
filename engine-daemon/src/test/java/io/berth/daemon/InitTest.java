package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Containers whose first process is the host's init. */
class InitTest extends ContainerTest {

    @Test
    void theInitIsTheFirstProcessAndTheProgramItsChild() {
        requireInit();
        String id = runDetached("--init", IMAGE, "sh", "-c", "trap 'exit 5' TERM; (exec sleep 0.1) & echo ready; while :; do sleep 0.05; done");
        awaitLog(id, "ready");
        assertEquals("sh true", inspect(id, ".Path}} {{.HostConfig.Init"));
        assertTrue(docker("top", id, "-o", "pid,args").succeeded().contains("/sbin/docker-init -- sh -c"));
        docker("stop", id).succeeded();
        assertEquals("5", inspect(id, ".State.ExitCode"));
        assertEquals("127", Integer.toString(script("exit 127", "--init").code()));
        assertEquals("1", inside("echo $PPID", "--init"));
    }

    @Test
    void aHostWithoutTheInitSaysSoAtTheStart() {
        engine.requireBerth("sets the path of the init");
        try (EngineUnderTest other = EngineUnderTest.start("--init", "--init-path", "/no/init")) {
            other.docker().runWithInput(TestImage.archive(IMAGE), "load").succeeded();
            Commands.Result refused = other.docker().run("run", "--rm", IMAGE, "true");
            assertEquals(125, refused.code());
            assertTrue(refused.err().contains("there is no /no/init: correct the setting init-path"), refused.err());
            other.docker().run("run", "--rm", "--init=false", IMAGE, "true").succeeded();
        }
    }

    private static void requireInit() {
        boolean there = engine.isReference() || Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Stream.of("docker-init", "tini-static", "catatonit").anyMatch(name -> Files.exists(Path.of(directory, name))));
        Assumptions.assumeTrue(there, "the host has neither tini nor catatonit");
    }
}
