package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.daemon.spec.SpecCompiler;
import io.berth.store.durable.DiskFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerPauseTest {

    @TempDir
    Path directory;
    private final FakeCgroups cgroups = new FakeCgroups();
    private final Container container = Fixtures.container();
    private Containers containers;
    private ContainerPause pause;

    @BeforeEach
    void run() {
        containers = open();
        pause = new ContainerPause(containers, cgroups, Fixtures.events(Clock.fixed(Fixtures.NOON, ZoneOffset.UTC)));
        containers.reserveName(container.name(), container.id());
        containers.created(container);
        container.change(container.state(), Fixtures.running(1));
        containers.changed(container);
    }

    @AfterEach
    void close() {
        containers.close();
    }

    private Containers open() {
        return Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
    }

    private ContainerState written() {
        try (Containers next = open()) {
            return next.resolve(container.id().hex()).state();
        }
    }

    @Test
    void itIsHeldUntilTheLastWhoWantsThatLetsGo() {
        ContainerState.Paused first = pause.hold(container).orElseThrow();
        ContainerState.Paused second = pause.hold(container).orElseThrow();
        assertEquals(new ContainerState.Paused(Fixtures.running(1), true), written());
        pause.release(container, first);
        assertEquals("paused", container.state().word());
        pause.release(container, second);
        assertEquals(Fixtures.running(1), container.state());
        assertEquals(Fixtures.running(1), written());
    }

    @Test
    void whatAClientPausedOrUnpausedMeanwhileStaysSo() {
        ContainerState.Paused held = pause.hold(container).orElseThrow();
        pause.unpause(container);
        pause.pause(container);
        pause.release(container, held);
        assertEquals(new ContainerState.Paused(Fixtures.running(1), false), container.state());
        assertEquals(Optional.empty(), pause.hold(container));
    }

    @Test
    void containerThatCannotBeFrozenIsNotLeftAsIfItWere() {
        cgroups.broken = true;
        assertThrows(IllegalStateException.class, () -> pause.hold(container));
        assertEquals(Fixtures.running(1), container.state());
        assertEquals(Fixtures.running(1), written());
    }
}
