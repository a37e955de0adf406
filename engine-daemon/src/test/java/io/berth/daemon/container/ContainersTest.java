package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.http.ApiException;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.store.durable.DiskFiles;
import io.berth.store.durable.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainersTest {

    @TempDir
    Path directory;
    private Containers containers;

    @BeforeEach
    void open() {
        containers = Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
    }

    @AfterEach
    void close() {
        containers.close();
    }

    @Test
    void aContainerIsFoundByIdNameAndBeginning() {
        Container one = create("abc1", "one", false);
        Container two = create("abc2", "two", false);
        assertEquals(one, containers.resolve(one.id().hex()));
        assertEquals(one, containers.resolve("one"));
        assertEquals(one, containers.resolve("/one"));
        assertEquals(two, containers.resolve("abc2"));
        assertEquals(Optional.empty(), containers.find(""));
        assertEquals(Optional.empty(), containers.find("on"));
        assertEquals("No such container: abd", assertThrows(ApiException.class, () -> containers.resolve("abd")).getMessage());
        ApiException ambiguous = assertThrows(ApiException.class, () -> containers.resolve("abc"));
        assertEquals("multiple IDs found with provided prefix: abc", ambiguous.getMessage());
        assertEquals(ApiException.Kind.INVALID, ambiguous.kind());
    }

    @Test
    void anIntentionIsKnownToTheNextDaemonUntilItIsDoneOrGivenUp() {
        Container kept = create("a", "one", false);
        Container done = create("b", "two", false);
        Container given = create("c", "three", false);
        containers.intend(kept.definition().named("first"));
        containers.intend(done.definition().named("second"));
        containers.redefine(done, done.definition().named("second"), new SpecCompiler());
        containers.intend(given.definition().named("third"));
        containers.giveUp(given);
        close();
        open();
        assertEquals(Optional.of("first"), containers.intended(containers.resolve("one")).map(Definition::name));
        assertEquals(Optional.empty(), containers.intended(containers.resolve("second")));
        assertEquals(Optional.empty(), containers.intended(containers.resolve("three")));
    }

    @Test
    void aNameComesBeforeTheBeginningOfAnId() {
        create("abc1", "one", false);
        Container named = create("def", "abc1", false);
        assertEquals(named, containers.resolve("abc1"));
    }

    @Test
    void aNameHasOneHolder() {
        Container holder = create("a", "one", false);
        ApiException taken = assertThrows(ApiException.class, () -> containers.reserveName("one", Fixtures.id("b")));
        assertEquals(ApiException.Kind.CONFLICT, taken.kind());
        assertTrue(taken.getMessage().startsWith("Conflict. The container name \"/one\" is already in use by container \"" + holder.id()), taken.getMessage());
        containers.releaseName("one", Fixtures.id("b"));
        assertTrue(containers.isNameTaken("one"), "it is not the other's to give back");
        containers.removed(holder);
        containers.reserveName("one", Fixtures.id("b"));
    }

    @Test
    void aContainerThatANewerRuleRefusesIsShownWithTheReasonAndCanBeRemoved() {
        Definition refused = Fixtures.definition(Fixtures.id("a"), "old", Fixtures.config(config -> { }), Fixtures.host(host -> host.oomScoreAdj = 2000));
        Container fine = create("b", "fine", false);
        containers.close();
        try (Journal journal = Journal.open(new DiskFiles(), directory.resolve("containers.journal"), record -> { })) {
            journal.append(ContainerRecord.created(refused).bytes());
        }
        containers = Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
        Container shown = containers.resolve("old");
        assertEquals(new ContainerState.Created(128, "Invalid value 2000, range for oom score adj is [-1000, 1000]"), shown.state());
        assertEquals(Optional.of("Invalid value 2000, range for oom score adj is [-1000, 1000]"), shown.refusal());
        assertEquals(2000, shown.definition().hostConfig().oomScoreAdj);
        assertEquals(List.of(), shown.exposedPorts());
        assertEquals(Optional.empty(), containers.resolve(fine.name()).refusal());
        containers.removed(shown);
        assertEquals(Optional.empty(), containers.find("old"));
    }

    @Test
    void theListBeginsWithTheNewest() {
        for (int day = 1; day <= 3; day++) {
            Definition made = Fixtures.container().definition();
            Definition definition = new Definition(Fixtures.id("a" + day).hex(), "n" + day, "2026-03-0" + (4 - day) + "T00:00:00Z", made.image(),
                    made.config(), made.hostConfig(), Map.of());
            containers.created(new Container(definition, Fixtures.container().spec(), new ContainerState.Created(0, ""), Optional.empty()));
        }
        assertEquals(List.of("n1", "n2", "n3"), containers.list().stream().map(Container::name).toList());
    }

    @Test
    void everythingIsThereAfterARestart() {
        Container ran = create("a", "ran", false);
        containers.removed(create("b", "gone", true));
        ran.change(ran.state(), Fixtures.running(1));
        containers.changed(ran);
        reopen();
        assertEquals(1, containers.list().size());
        assertEquals(Fixtures.running(1), containers.resolve("ran").state());
        assertEquals(Optional.empty(), containers.find("gone"));
    }

    @Test
    void aContainerThatIsStartedOverAndOverDoesNotGrowTheJournalForEver() throws IOException {
        Container container = create("a", "busy", false);
        for (long generation = 1; generation <= 12_000; generation++) {
            container.change(container.state(), Fixtures.running(generation));
            containers.changed(container);
            container.change(container.state(), Fixtures.exited(generation, 0));
            containers.changed(container);
        }
        assertTrue(Files.size(directory.resolve("containers.journal")) < 2 << 20);
        ContainerState last = container.state();
        reopen();
        assertEquals(last, containers.resolve("busy").state());
    }

    /** Compactions happen while others make and remove containers: none is lost, none comes back. */
    @Test
    void compactingLosesNothingThatHappensMeanwhile() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<String> kept = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Container busy = create("f", "busy", false);
            Future<?> growing = threads.submit(() -> {
                ContainerState filler = new ContainerState.Created(1, "x".repeat(60_000));
                while (!done.get()) {
                    busy.change(busy.state(), new ContainerState.Created(1, filler.toString()));
                    containers.changed(busy);
                }
            });
            for (int i = 0; i < 300; i++) {
                Container made = create("a%04d".formatted(i), "n" + i, true);
                if (i % 2 == 0) {
                    containers.removed(made);
                } else {
                    kept.add(made.name());
                }
            }
            done.set(true);
            growing.get();
        }
        reopen();
        kept.add("busy");
        assertEquals(kept.stream().sorted().toList(), containers.list().stream().map(Container::name).sorted().toList());
    }

    private void reopen() {
        close();
        open();
    }

    private Container create(String id, String name, boolean autoRemove) {
        Container container = Fixtures.container(Fixtures.id(id), name, host -> host.autoRemove = autoRemove);
        containers.reserveName(name, container.id());
        containers.created(container);
        return container;
    }
}
