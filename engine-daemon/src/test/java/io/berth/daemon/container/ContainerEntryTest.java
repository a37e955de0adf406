package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.daemon.spec.SpecCompiler;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.store.durable.DiskFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Execs in a container whose first process is this one, with a keeper that is made up. */
class ContainerEntryTest {

    private static final ExecProcess PROCESS = new ExecProcess(List.of("true"), List.of(), "", "", false, false, false, 0, 0);

    private final Kernel kernel = new JnrKernel();
    private final FakeCgroups cgroups = new FakeCgroups();
    private final FakeKeeper keeper = new FakeKeeper();
    private final Container container = Fixtures.container();
    @TempDir
    Path directory;
    private Containers containers;
    private ContainerEntry entry;
    private RunningContainer place;

    @BeforeEach
    void run() {
        containers = Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
        entry = new ContainerEntry(kernel, containers, cgroups, new ProcessCompiler(kernel), keeper,
                Fixtures.events(Clock.systemUTC()), new Links(containers, id -> directory, new SpecCompiler(), Fixtures.BRIDGE));
        cgroups.paths = id -> "/"; // which everybody is in
        container.change(container.state(), new ContainerState.Running(1, (int) ProcessHandle.current().pid(), Fixtures.NOON));
        place = new RunningContainer(container, 1);
    }

    @AfterEach
    void close() {
        containers.close();
    }

    @Test
    void aStartedExecHasTheKeepersNumber() {
        assertEquals(4711, entry.launch(place, "exec", PROCESS, List.of()));
        assertEquals(List.of("launch 1 with 0"), keeper.calls);
    }

    @Test
    void anExecThatIsGivenUpIsKilledShouldItComeToLife() {
        KeeperException late = new KeeperException(KeeperException.Kind.TIMEOUT, "no answer");
        keeper.launches = request -> {
            throw late;
        };
        assertSame(late, assertThrows(KeeperException.class, () -> entry.launch(place, "exec", PROCESS, List.of())));
        assertEquals(List.of("launch 1 with 0", "signal 9"), keeper.calls);
    }

    @Test
    void anExecThatTheKeeperRefusesIsNotSignalled() {
        keeper.launches = request -> {
            throw new KeeperException(KeeperException.Kind.CONFLICT, "start exec: generation 1 runs");
        };
        assertThrows(KeeperException.class, () -> entry.launch(place, "exec", PROCESS, List.of()));
        assertEquals(List.of("launch 1 with 0"), keeper.calls);
    }
}
