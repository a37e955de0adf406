package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.RestartPolicy;
import io.berth.daemon.Await;
import io.berth.daemon.network.NameService;
import io.berth.daemon.network.NetworkSettings;
import io.berth.daemon.network.Networks;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.restart.Supervision;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.daemon.volume.Volumes;
import io.berth.daemon.volume.plugin.VolumePlugins;
import io.berth.linux.keeper.Exit;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.keeper.KeptProcess;
import io.berth.linux.keeper.LaunchResult;
import io.berth.linux.kernel.BlockingCalls;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.store.ImageStore;
import io.berth.store.durable.DiskFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts, exits and removals with a real file tree (as root), the host's network, and a keeper and cgroups that are made up. */
class ContainerLifeTest {

    private static final ExecEnds NO_EXECS = new ExecEnds() {
        @Override
        public boolean exited(Exit exit) {
            return false;
        }

        @Override
        public boolean detached(String key) {
            return false;
        }
    };

    private final Kernel kernel = new JnrKernel();
    private final FakeCgroups cgroups = new FakeCgroups();
    private final FakeKeeper keeper = new FakeKeeper();
    private final Clock clock = Clock.fixed(Fixtures.NOON, ZoneOffset.UTC);
    private final ContainerEvents events = Fixtures.events(clock);
    private final BlockingCalls blockingCalls = new BlockingCalls(kernel);
    @TempDir Path directory;
    private Networks networks;
    private Containers containers;
    private RootFilesystem filesystems;
    private ContainerStart start;
    private ContainerExits exits;
    private ContainerRemoval removal;
    private ContainerMounts mounts;
    private Volumes volumes;
    private ImageStore images;
    private Restarts restarts;
    private OomReports ooms;
    private Container container;
    private RuntimeException layersAreMissing;

    @BeforeEach
    void putTogether() throws IOException {
        Path layer = Files.createDirectories(directory.resolve("layer"));
        filesystems = new RootFilesystem(kernel, blockingCalls, image -> {
            if (layersAreMissing != null) {
                throw layersAreMissing;
            }
            return List.of(layer.toString());
        }, (volume, user) -> directory.resolve(volume.text()), directory.resolve("data"), directory.resolve("scratch"));
        networks = Networks.open(kernel, NetworkNames.ofInstance("00c0ffee"), new DiskFiles(), directory, NetworkSettings.DEFAULT, NameService.NONE);
        volumes = Volumes.open(kernel, new DiskFiles(), directory, directory.resolve("run"), VolumePlugins.ofMachine(), (volume, action) -> { }, clock);
        images = ImageStore.open(directory, kernel, image -> List.of(), (action, image, name, labels) -> { });
        open();
        container = Fixtures.container(Fixtures.id("a"), "box", host -> host.networkMode = "host");
        containers.reserveName("box", container.id());
        containers.created(container);
    }

    /** What stands on the journal of containers. */
    private void open() {
        containers = Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
        ooms = new OomReports(containers, cgroups, events);
        mounts = new ContainerMounts(volumes, images.images(), containers, directory);
        start = new ContainerStart(kernel, filesystems, mounts, networks, Fixtures.entry(kernel, networks, containers), Fixtures.NAMES, cgroups, keeper, containers,
                events, new Links(containers, filesystems::directory, new SpecCompiler(), Fixtures.BRIDGE), new ProcessCompiler(kernel),
                new InitProgram(Optional.empty(), false), filesystems.staging().toString(), started -> { }, clock);
        restarts = new Restarts(containers, start, blockingCalls);
        removal = new ContainerRemoval(containers, filesystems, mounts, events, gone -> { });
        exits = new ContainerExits(containers, networks, cgroups, mounts, events, removal, restarts, ooms, new FollowedLogs(), keeper, blockingCalls);
    }

    @AfterEach
    void takeApart() {
        restarts.close();
        filesystems.close();
        containers.close();
        images.close();
        volumes.close();
        networks.close();
        blockingCalls.close();
    }

    @Test
    void aStartedContainerRunsAndKeepsWhatItNeeds() {
        start.start(container);
        assertEquals(Fixtures.running(1), container.state());
        assertTrue(container.sandbox().isPresent());
        assertEquals(List.of("create"), cgroups.calls);
        assertEquals(ApiException.Kind.NOT_MODIFIED, assertThrows(ApiException.class, () -> start.start(container)).kind());
    }

    @Test
    void nothingLeaksFromAStart() throws IOException {
        start.start(container);
        exits.ended(container, 1, 0, Fixtures.NOON);
        long before = openDescriptors();
        start.start(container);
        exits.ended(container, 2, 0, Fixtures.NOON);
        keeper.launches = request -> new LaunchResult.Failed(0, Errno.EPERM);
        assertThrows(StartFailure.class, () -> start.start(container));
        layersAreMissing = new IllegalStateException("no layers");
        assertThrows(IllegalStateException.class, () -> start.start(container));
        assertEquals(before, openDescriptors());
    }

    @Test
    void aStartThatFailsBeforeTheLaunchLeavesNothing() {
        layersAreMissing = new IllegalStateException("no layers");
        PendingAttachment client = Fixtures.client(kernel);
        container.keepUntilStart(client);
        assertSame(layersAreMissing, assertThrows(RuntimeException.class, () -> start.start(container)));
        assertEquals(new ContainerState.Created(128, "no layers"), container.state());
        assertEquals(Optional.empty(), container.sandbox());
        assertEquals(List.of("create", "killAll", "remove"), cgroups.calls);
        assertTrue(client.attachment().socket().isClosed());
        assertEquals(List.of(), keeper.calls);
    }

    @Test
    void aLaunchThatIsGivenUpIsKilledShouldItComeToLife() {
        keeper.launches = request -> {
            throw new KeeperException(KeeperException.Kind.TIMEOUT, "no answer");
        };
        assertThrows(KeeperException.class, () -> start.start(container));
        assertEquals(List.of("create", "killAll", "remove"), cgroups.calls);
        assertEquals(new ContainerState.Created(128, "no answer"), container.state());
    }

    @Test
    void whatFailsWhileCleaningUpDoesNotHideTheReason() {
        cgroups.broken = true;
        layersAreMissing = new IllegalStateException("no layers");
        RuntimeException failure = assertThrows(RuntimeException.class, () -> start.start(container));
        assertEquals("no layers", failure.getMessage());
        assertEquals(List.of("broken: killAll", "broken: remove"), Stream.of(failure.getSuppressed()).map(Throwable::getMessage).toList());
        assertEquals(Optional.empty(), container.sandbox());
    }

    @Test
    void aClientThatComesDuringTheLaunchOfAProgramThatEndsAtOnceIsLetGo() {
        PendingAttachment late = Fixtures.client(kernel);
        keeper.launches = request -> {
            assertTrue(container.keepUntilStart(late));
            return new LaunchResult.Started(4711);
        };
        start.start(container);
        assertEquals(List.of("launch 1 with 0", "attach"), keeper.calls);
        assertTrue(late.attachment().socket().isClosed());
        assertEquals("running", container.state().word());
    }

    @Test
    void clientsThatWaitedGoWithTheLaunch() {
        PendingAttachment early = Fixtures.client(kernel);
        container.keepUntilStart(early);
        start.start(container);
        assertEquals(List.of("launch 1 with 1"), keeper.calls);
        assertTrue(early.attachment().socket().isClosed(), "the keeper has its own copy");
    }

    @Test
    void anExitIsToldWhateverItsCleaningUpComesTo() {
        start.start(container);
        CompletableFuture<Integer> stopped = container.stopped();
        cgroups.broken = true;
        exits.ended(container, 1, 3, Fixtures.NOON.plusSeconds(1));
        assertEquals(3, stopped.join());
        assertEquals(new ContainerState.Exited(1, 3, false, Fixtures.NOON, Fixtures.NOON.plusSeconds(1), ""), container.state());
        assertEquals(Optional.empty(), container.sandbox());
    }

    @Test
    void newsOfAnotherRunIsPassedOver() {
        start.start(container);
        exits.ended(container, 2, 3, Fixtures.NOON);
        assertEquals(Fixtures.running(1), container.state());
        exits.ended(container, 1, 137, Fixtures.NOON);
        exits.ended(container, 1, 4, Fixtures.NOON);
        assertEquals(137, container.exitCode(), "news that comes twice counts once");
    }

    @Test
    void aKillForWantOfMemoryIsTold() {
        start.start(container);
        cgroups.oomKills = 1;
        exits.ended(container, 1, 137, Fixtures.NOON);
        assertTrue(container.state() instanceof ContainerState.Exited exited && exited.oomKilled());
    }

    @Test
    void aKilledChildIsRememberedToTheEndOfTheRunAndNoLonger() {
        start.start(container);
        cgroups.killed.accept(container.id().hex());
        assertTrue(container.wasOomKilled(1));
        exits.ended(container, 1, 0, Fixtures.NOON);
        assertTrue(container.state() instanceof ContainerState.Exited exited && exited.oomKilled());
        start.start(container);
        assertFalse(container.wasOomKilled(2));
    }

    @Test
    void aRunningContainerIsNotRemovedAndARemovedOneIsGone() {
        start.start(container);
        assertEquals(ApiException.Kind.CONFLICT, assertThrows(ApiException.class, () -> removal.remove(container)).kind());
        exits.ended(container, 1, 5, Fixtures.NOON);
        PendingAttachment waiting = Fixtures.client(kernel);
        container.keepUntilStart(waiting);
        CompletableFuture<Integer> removed = container.removed();
        removal.remove(container);
        assertEquals(5, removed.join());
        assertTrue(waiting.attachment().socket().isClosed());
        assertFalse(Files.exists(filesystems.directory(container.id())));
        assertEquals(Optional.empty(), containers.find("box"));
        assertThrows(ApiException.class, () -> removal.remove(container));
        removal.removeIfThere(container, false);
        assertThrows(ApiException.class, () -> start.start(container));
    }

    @Test
    void aRunThatFailsIsFollowedByAnotherAsOftenAsThePolicySays() {
        Container retried = retried("c", new RestartPolicy("on-failure", 1));
        start.start(retried);
        CompletableFuture<Integer> first = retried.stopped();
        exits.ended(retried, 1, 3, Fixtures.NOON.plusSeconds(1));
        assertEquals(3, first.join());
        assertEquals(new ContainerState.Restarting(1, 3, false, Fixtures.NOON, Fixtures.NOON.plusSeconds(1)), retried.state());
        assertEquals(ApiException.Kind.CONFLICT, assertThrows(ApiException.class, () -> removal.remove(retried)).kind());
        CompletableFuture<Integer> second = retried.stopped();
        assertFalse(second.isDone(), "a container that restarts is waited for");
        await(retried, "running");
        assertEquals(new Supervision(1, false), retried.supervision());
        exits.ended(retried, 2, 4, Fixtures.NOON.plusSeconds(2));
        assertEquals(4, second.join());
        assertEquals("exited", retried.state().word());
        start.start(retried);
        assertEquals(Supervision.FRESH, retried.supervision(), "a start by hand begins to count anew");
    }

    @Test
    void whoGivesUpARestartEndsTheWaitForIt() {
        Container kept = retried("c", new RestartPolicy("always", 0));
        start.start(kept);
        exits.ended(kept, 1, 3, Fixtures.NOON);
        CompletableFuture<Integer> stopped = kept.stopped();
        assertTrue(restarts.giveUp(kept));
        assertEquals(3, stopped.join());
        assertEquals(Fixtures.NOON, ((ContainerState.Exited) kept.state()).finishedAt());
        assertFalse(restarts.giveUp(kept));
    }

    @Test
    void aRestartThatFailsIsTheLast() {
        Container kept = retried("c", new RestartPolicy("always", 0));
        start.start(kept);
        keeper.launches = request -> new LaunchResult.Failed(0, Errno.EPERM);
        exits.ended(kept, 1, 3, Fixtures.NOON);
        CompletableFuture<Integer> stopped = kept.stopped();
        await(kept, "exited");
        assertEquals(128, stopped.join());
        assertTrue(((ContainerState.Exited) kept.state()).error().contains("EPERM"));
    }

    @Test
    void theNextDaemonStartsWhatIsToBeUp() {
        Container kept = retried("c", new RestartPolicy("unless-stopped", 0));
        start.start(kept);
        Container stopped = retried("d", new RestartPolicy("unless-stopped", 0));
        start.start(stopped);
        stopped.supervise(stopped.supervision().ended());
        exits.ended(stopped, 1, 137, Fixtures.NOON);
        Container always = retried("e", new RestartPolicy("always", 0));
        start.start(always);
        always.supervise(always.supervision().ended());
        exits.ended(always, 1, 137, Fixtures.NOON);
        Container never = retried("f", new RestartPolicy("always", 0));
        containers.close();
        open();
        reconcile();
        await(containers.resolve(kept.name()), "running");
        await(containers.resolve(always.name()), "running");
        assertEquals("exited", containers.resolve(stopped.name()).state().word());
        assertEquals("created", containers.resolve(never.name()).state().word());
    }

    private void reconcile() {
        new Reconciler(containers, keeper, cgroups, networks, filesystems, exits, removal, restarts, new ContainerPause(containers, cgroups, events),
                Fixtures.changes(containers, cgroups, events), ooms, Fixtures.members(kernel, networks, containers, events), new NamespaceDoor(kernel), clock).run(NO_EXECS);
    }

    private Container retried(String id, RestartPolicy policy) {
        Container made = Fixtures.container(Fixtures.id(id), "box-" + id, host -> {
            host.networkMode = "host";
            host.restartPolicy = policy;
        });
        containers.reserveName(made.name(), made.id());
        filesystems.create(made.id());
        containers.created(made);
        return made;
    }

    private static void await(Container container, String state) {
        Await.until(container.name() + " to be " + state, Duration.ofSeconds(20), () -> container.state().word().equals(state),
                () -> container.state().toString());
    }

    @Test
    void whoWaitsForARemovalLearnsThatItHasFailed() {
        CompletableFuture<Integer> waiting = container.removed();
        containers.close();
        assertThrows(RuntimeException.class, () -> removal.remove(container));
        assertTrue(waiting.isCompletedExceptionally());
        assertEquals("dead", container.state().word());
        assertFalse(container.removed().isDone(), "it can be tried again");
    }

    @Test
    void aLaunchThatWasUnderWayIsFollowedUntilItsProcessIsKnown() {
        keeper.kept.add(new KeptProcess(container.id().hex(), 1, 0, KeptProcess.State.STARTING));
        reconcile();
        assertEquals(new ContainerState.Running(1, 0, Fixtures.NOON), container.state());
        keeper.kept.set(0, new KeptProcess(container.id().hex(), 1, 4711, KeptProcess.State.RUNNING));
        Await.until("the process to be known", Duration.ofSeconds(20), () -> container.state().equals(Fixtures.running(1)), () -> container.state().toString());
    }

    @Test
    void aStrayFileAmongTheContainersIsLeftAlone() throws IOException {
        Path stray = Files.createDirectories(filesystems.directory(container.id()).resolveSibling("lost+found"));
        Path orphan = Files.createDirectories(filesystems.directory(Fixtures.id("b")));
        filesystems.removeAllBut(List.of(container.id()));
        assertTrue(Files.exists(stray));
        assertFalse(Files.exists(orphan));
    }

    @Test
    void aMissingSourceOfABindBecomesADirectory() {
        Path source = directory.resolve("made/for/it");
        Container bound = Fixtures.container(Fixtures.id("c"), "bound", host -> {
            host.networkMode = "host";
            host.binds = List.of(source + ":/x");
        });
        containers.created(bound);
        start.start(bound);
        assertTrue(Files.isDirectory(source));
    }

    /** Without network namespaces and sockets, of which the networks keep a few in stock that they renew when they have time. */
    private static long openDescriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.map(ContainerLifeTest::target).filter(target -> !target.startsWith("net:") && !target.startsWith("socket:")).count();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "net:";
        }
    }
}
