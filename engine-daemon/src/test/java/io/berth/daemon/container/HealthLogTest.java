package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.wire.container.ContainerConfig.Healthcheck;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.Health;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.store.durable.DiskFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthLogTest {

    private static final ContainerId ID = Fixtures.id("a");

    @TempDir
    Path directory;
    private Path file;
    private Containers containers;
    private HealthLog log;

    @BeforeEach
    void open() {
        file = directory.resolve("health.journal");
        containers = Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
        Definition definition = Fixtures.definition(ID, "box", Fixtures.config(config ->
                config.healthcheck = new Healthcheck(List.of("CMD", "true"), 0, 0, 0, 0, 0)), Fixtures.host(host -> { }));
        containers.created(new Container(definition, new SpecCompiler().compile(definition), new ContainerState.Created(0, ""), Optional.empty()));
        log = HealthLog.open(new DiskFiles(), file, containers);
        run(1);
    }

    @AfterEach
    void close() {
        log.close();
        containers.close();
    }

    private void run(long generation) {
        container().change(container().state(), Fixtures.running(generation));
        containers.changed(container());
    }

    private Container container() {
        return containers.resolve("box");
    }

    private void probes(int from, int to) {
        for (int i = from; i <= to; i++) {
            Health before = container().health().orElse(Health.UNKNOWN);
            log.learn(container(), container().state().generation(), before.with(Health.Status.STARTING, before.failingStreak() + 1,
                    new Health.Probe(Fixtures.NOON.plusSeconds(i), Fixtures.NOON.plusSeconds(i).plusNanos(5), i, "output ü of " + i)));
        }
    }

    /** As after the death of the daemon. */
    private void openAgain() {
        close();
        containers = Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
        log = HealthLog.open(new DiskFiles(), file, containers);
    }

    @Test
    void whatProbesHaveFoundOutIsThereAgain() {
        probes(1, 3);
        Health before = container().health().orElseThrow();
        openAgain();
        assertEquals(before, container().health().orElseThrow());
        assertEquals("output ü of 3", before.log().getLast().output());
    }

    @Test
    void theLastFiveProbesCount() {
        probes(1, 7);
        openAgain();
        assertEquals(List.of(3, 4, 5, 6, 7), container().health().orElseThrow().log().stream().map(Health.Probe::exitCode).toList());
        assertEquals(7, container().health().orElseThrow().failingStreak());
        probes(8, 8);
        openAgain();
        assertEquals(List.of(4, 5, 6, 7, 8), container().health().orElseThrow().log().stream().map(Health.Probe::exitCode).toList());
    }

    @Test
    void ofAnEarlierRunOnlyTheProbesCount() {
        probes(1, 2);
        container().change(container().state(), Fixtures.exited(1, 0));
        container().health(container().health().map(Health::startedAgain));
        run(2);
        openAgain();
        assertEquals("starting 0 2", shown());
    }

    @Test
    void ofARunThatHasEndedTheContainersOwnJournalKnowsMore() {
        probes(1, 2);
        container().change(container().state(), Fixtures.exited(1, 0));
        containers.changed(container());
        openAgain();
        assertEquals("unhealthy 2 2", shown());
    }

    private String shown() {
        Health health = container().health().orElseThrow();
        return health.status().word() + " " + health.failingStreak() + " " + health.log().size();
    }

    @Test
    void theFileDoesNotGrowWithEveryProbe() throws IOException {
        probes(1, 12_000);
        assertTrue(Files.size(file) < 2 << 20, () -> "it has " + file.toFile().length() + " bytes");
        Health before = container().health().orElseThrow();
        openAgain();
        assertEquals(before, container().health().orElseThrow());
    }
}
