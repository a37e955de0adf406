package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A project of eight services as docker compose runs it: the plugin that {@code ./dev test} names in BERTH_COMPOSE. */
@Tag("engine")
@Timeout(400)
class ComposeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String PROJECT = """
            services:
              db:
                image: IMAGE
                command: ["sh", "-c", "POSTGRES"]
                networks: {back: {aliases: [database]}}
                volumes: ["data:/srv"]
                healthcheck: {test: ["CMD", "pg_isready", "-h", "127.0.0.1"], interval: 1s, retries: 60}
              cache:
                image: IMAGE
                command: ["sh", "-c", "REDIS"]
                networks: [back]
                healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 1s, retries: 60}
              migrate:
                image: IMAGE
                command: psql -h database -U postgres -c "create table if not exists visits (n int)"
                networks: [back]
                depends_on: {db: {condition: service_healthy}}
              seed:
                image: IMAGE
                command: redis-cli -h cache set greeting GREETING
                networks: [back]
                depends_on: {cache: {condition: service_healthy}}
              web:
                image: IMAGE
                command: ["sh", "-c", "WEB"]
                networks: [back, front]
                depends_on: {migrate: {condition: service_completed_successfully}, seed: {condition: service_completed_successfully}}
                healthcheck: {test: ["CMD", "curl", "-fsS", "http://127.0.0.1/"], interval: 1s, retries: 60}
              proxy:
                image: IMAGE
                command: ["sh", "-c", "PROXY"]
                networks: [front]
                ports: ["18081:80"]
                depends_on: {web: {condition: service_healthy}}
              worker:
                image: IMAGE
                command: ["sh", "-c", "while redis-cli -h cache incr ticks >/dev/null; do sleep 0.2; done"]
                networks: [back]
                stop_signal: SIGKILL
                depends_on: {cache: {condition: service_healthy}}
              reader:
                image: IMAGE
                command: ["sh", "-c", "echo the greeting is $$(redis-cli -h cache get greeting); exec sleep 1000"]
                networks: [back]
                stop_signal: SIGKILL
                depends_on: {seed: {condition: service_completed_successfully}}
            networks:
              back: {internal: true}
              front: {}
            volumes:
              data: {labels: {kept: "no"}}
            """;

    private static String project(String greeting) {
        return PROJECT.replace("IMAGE", ServersImage.NAME).replace("GREETING", greeting).replace("POSTGRES", quoted(ServersImage.POSTGRES))
                .replace("REDIS", quoted(ServersImage.REDIS)).replace("WEB", quoted(ServersImage.nginxThatSays("hello")))
                .replace("PROXY", quoted(ServersImage.nginxBefore("web")));
    }

    /** Inside a double-quoted string of YAML, where compose would take a dollar for a variable of its own. */
    private static String quoted(String script) {
        return script.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "$$");
    }

    private EngineUnderTest engine;
    private Path file;

    private Commands.Result compose(String... arguments) {
        List<String> words = new ArrayList<>(List.of("compose", "-p", "shop", "-f", file.toString(), "--ansi", "never", "--progress", "plain"));
        words.addAll(List.of(arguments));
        return engine.docker().run(words.toArray(String[]::new));
    }

    @Test
    void aProjectOfEightServicesComesUpScalesChangesAndGoes() throws IOException {
        Optional<Path> plugin = Optional.ofNullable(System.getenv("BERTH_COMPOSE")).map(Path::of).filter(Files::isExecutable);
        Assumptions.assumeTrue(plugin.isPresent(), "no compose plugin: BERTH_COMPOSE does not name one");
        try (EngineUnderTest started = EngineUnderTest.start()) {
            engine = started;
            ServersImage.on(engine);
            Files.createDirectories(engine.scratch().resolve("cli/cli-plugins"));
            Files.createSymbolicLink(engine.scratch().resolve("cli/cli-plugins/docker-compose"), plugin.get());
            file = engine.scratch().resolve("compose.yaml");
            Files.writeString(file, project("good-day"));
            try {
                comesUp();
                nothingChangesWithoutAChange();
                scales();
                takesAChange();
                talks();
                killedDaemonChangesNothing();
            } finally {
                compose("down", "-v", "-t", "1").succeeded();
            }
            assertEquals("", engine.docker().run("ps", "-aq", "--filter", "label=com.docker.compose.project=shop").succeeded());
            assertFalse(engine.docker().run("network", "ls", "--format", "{{.Name}}").succeeded().contains("shop_"));
            assertFalse(engine.docker().run("volume", "ls", "-q").succeeded().contains("shop_"));
        }
    }

    private void comesUp() {
        compose("up", "-d", "--wait", "db", "cache", "web", "proxy", "worker", "reader").succeeded();
        List<String> states = compose("ps", "-a", "--format", "{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}").succeeded().lines().sorted().toList();
        assertEquals(List.of("cache running healthy 0", "db running healthy 0", "migrate exited  0", "proxy running  0", "reader running  0",
                "seed exited  0", "web running healthy 0", "worker running  0"), states);
        assertEquals("hello", answerOfTheProxy());
        assertEquals("0\n", compose("exec", "-T", "web", "psql", "-h", "database", "-U", "postgres", "-Atc", "select count(*) from visits").succeeded());
    }

    private String answerOfTheProxy() {
        Await.until("the proxy to answer", PATIENCE, () -> proxied().code() == 0, () -> proxied() + compose("logs", "proxy").out());
        return proxied().succeeded();
    }

    private Commands.Result proxied() {
        return engine.docker().run("run", "--rm", "--network", "host", ServersImage.NAME, "curl", "-fsS", "--max-time", "3", "http://127.0.0.1:18081/");
    }

    private String containers(String service) {
        return compose("ps", "-q", service).succeeded();
    }

    private void nothingChangesWithoutAChange() {
        String before = containers("web") + containers("db") + containers("reader");
        compose("up", "-d").succeeded();
        assertEquals(before, containers("web") + containers("db") + containers("reader"));
    }

    private void scales() {
        compose("up", "-d", "--wait", "--scale", "web=3", "web").succeeded();
        assertEquals(3, containers("web").lines().count());
        String addresses = compose("exec", "-T", "proxy", "getent", "ahostsv4", "web").succeeded();
        assertEquals(3, addresses.lines().map(line -> line.split(" ")[0]).distinct().count(), addresses);
        compose("up", "-d", "--scale", "web=1", "web").succeeded();
        assertEquals(1, containers("web").lines().count());
        assertEquals("hello", answerOfTheProxy());
    }

    private void takesAChange() throws IOException {
        String worker = containers("worker");
        String reader = containers("reader");
        String seed = compose("ps", "-aq", "seed").succeeded();
        Files.writeString(file, project("good-evening"));
        compose("up", "-d").succeeded();
        assertNotEquals(seed, compose("ps", "-aq", "seed").succeeded(), "its command has changed");
        assertNotEquals(reader, containers("reader"), "it depends on what has changed");
        assertEquals(worker, containers("worker"), "nothing of it has changed");
        assertEquals("good-evening\n", compose("exec", "-T", "reader", "redis-cli", "-h", "cache", "get", "greeting").succeeded());
    }

    private void talks() {
        String log = compose("logs", "--no-log-prefix", "reader").succeeded().strip();
        assertTrue(log.contains("the greeting is good-evening"), log);
        int before = ticks();
        Await.until("the worker to work", PATIENCE, () -> ticks() > before, () -> compose("logs", "worker").out());
        Commands.Result out = compose("exec", "-T", "worker", "curl", "-sS", "--connect-timeout", "1", "http://proxy/");
        assertTrue(out.code() != 0, "an internal network leads nowhere else: " + out);
    }

    private int ticks() {
        return Integer.parseInt(compose("exec", "-T", "cache", "redis-cli", "get", "ticks").succeeded().strip());
    }

    private void killedDaemonChangesNothing() {
        if (engine.isReference()) {
            return;
        }
        String before = compose("ps", "-q").succeeded();
        engine.kill();
        engine.startDaemon();
        assertEquals(before, compose("ps", "-q").succeeded());
        assertEquals("hello", answerOfTheProxy());
        compose("up", "-d").succeeded();
        assertEquals(before.lines().sorted().toList(), compose("ps", "-q").succeeded().lines().sorted().toList());
    }
}
