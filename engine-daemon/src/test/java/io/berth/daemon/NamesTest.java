package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names in user-defined networks, as containers ask for them and through the daemon's death. */
@Tag("engine")
@Timeout(180)
class NamesTest {

    private EngineUnderTest engine;
    private DockerCli docker;

    @BeforeEach
    void start() {
        engine = EngineUnderTest.start();
        engine.requireBerth("kills the daemon");
        docker = engine.docker();
        docker.runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
        docker.run("network", "create", "blue").succeeded();
        docker.run("network", "create", "red").succeeded();
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private void run(String name, String network, String... options) {
        List<String> words = Stream.of(List.of("run", "-d", "--name", name, "--network", network), List.of(options),
                List.of("berth-test", "sleep", "1000")).flatMap(List::stream).toList();
        docker.run(words.toArray(String[]::new)).succeeded();
    }

    private String address(String container, String network) {
        return docker.run("inspect", "-f", "{{(index .NetworkSettings.Networks \"" + network + "\").IPAddress}}", container).succeeded().strip();
    }

    /** The addresses that a container finds for a name, in order. */
    private List<String> lookUp(String container, String name) {
        // the answers follow an empty line; in front of it is the server's own address
        String out = docker.run("exec", container, "nslookup", "-type=a", name).out();
        return out.substring(Math.max(0, out.indexOf("\n\n"))).lines().filter(line -> line.startsWith("Address: "))
                .map(line -> line.substring("Address: ".length())).sorted().toList();
    }

    @Test
    void containersOfANetworkFindEachOtherByNameAliasAndShortId() {
        run("db", "blue", "--network-alias", "Store", "--network-alias", "shared");
        run("web", "blue", "--network-alias", "shared");
        run("other", "red");
        String db = address("db", "blue");
        String id = docker.run("inspect", "-f", "{{.Id}}", "db").succeeded().substring(0, 12);
        for (String name : List.of("db", "DB", "store", id, "db.blue")) {
            assertEquals(List.of(db), lookUp("web", name), name);
        }
        assertEquals(Stream.of(db, address("web", "blue")).sorted().toList(), lookUp("db", "shared"));
        assertEquals(List.of(), lookUp("other", "db"), "names do not leave their network");
        assertTrue(docker.run("exec", "web", "ping", "-c", "1", "-W", "5", "db").succeeded().contains(db));
        docker.run("rm", "-f", "db", "web", "other").succeeded();
    }

    @Test
    void namesFollowConnectAndDisconnect() {
        run("db", "blue");
        run("web", "red");
        docker.run("network", "connect", "--alias", "late", "red", "db").succeeded();
        assertEquals(List.of(address("db", "red")), lookUp("web", "late"));
        docker.run("network", "disconnect", "red", "db").succeeded();
        assertEquals(List.of(), lookUp("web", "late"));
        docker.run("rm", "-f", "db").succeeded();
        run("db", "red");
        assertEquals(List.of(address("db", "red")), lookUp("web", "db"));
        docker.run("rm", "-f", "db", "web").succeeded();
    }

    @Test
    void linksOutliveTheDaemon() {
        run("db", "blue");
        run("web", "blue", "--link", "db:store");
        engine.kill();
        engine.startDaemon();
        assertEquals(List.of(address("db", "blue")), lookUp("web", "store"));
        docker.run("rename", "web", "shop").succeeded();
        assertEquals(List.of(address("db", "blue")), lookUp("shop", "store"));
        docker.run("rm", "-f", "db", "shop").succeeded();
    }

    @Test
    void noLookupFailsWhileTheDaemonIsKilledAndStartedAgain() {
        run("db", "blue");
        docker.run("run", "-d", "--name", "asker", "--network", "blue", "berth-test", "sh", "-c",
                "while :; do echo ask; if nslookup -type=a db > /tmp/out; then echo found; else echo failed; cat /tmp/out; fi; sleep 0.05; done").succeeded();
        Await.until("the first lookups", Duration.ofSeconds(20), () -> log().contains("found"), this::log);
        engine.kill();
        engine.startDaemon();
        long before = log().lines().filter("found"::equals).count();
        Await.until("lookups after the restart", Duration.ofSeconds(30), () -> log().lines().filter("found"::equals).count() > before + 5, this::log);
        assertFalse(log().contains("failed"), log());
        docker.run("rm", "-f", "asker", "db").succeeded();
    }

    private String log() {
        return docker.run("logs", "asker").out();
    }
}
