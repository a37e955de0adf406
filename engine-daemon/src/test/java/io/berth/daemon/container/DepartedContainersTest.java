package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DepartedContainersTest {

    private long now;
    private final DepartedContainers departed = new DepartedContainers(() -> now);

    private static Container ended(String id, String name, int exitCode) {
        Container container = Fixtures.container(Fixtures.id(id), name, host -> { });
        ContainerState.Running running = Fixtures.running(1);
        container.change(container.state(), running);
        container.change(running, Fixtures.exited(1, exitCode));
        return container;
    }

    @Test
    void anIdIsRememberedForEverAndANameForAWhile() {
        Container box = ended("a", "box", 7);
        departed.add(box);
        now += Duration.ofMinutes(1).toNanos();
        assertEquals(OptionalInt.of(7), departed.exitCode("box"));
        assertEquals(OptionalInt.of(7), departed.exitCode("/box"));
        now++;
        assertEquals(OptionalInt.empty(), departed.exitCode("box"));
        assertEquals(OptionalInt.of(7), departed.exitCode(box.id().hex()));
    }

    @Test
    void aNameIsItsLastOnes() {
        Container first = ended("a", "box", 1);
        departed.add(first);
        departed.removed(first);
        departed.add(ended("b", "box", 2));
        assertEquals(OptionalInt.of(2), departed.exitCode("box"));
        assertEquals(OptionalInt.of(1), departed.exitCode(first.id().hex()));
    }

    @Test
    void aNameThatAnotherHadSinceMeansNobody() {
        departed.add(ended("a", "box", 1));
        departed.removed(ended("b", "box", 2));
        assertEquals(OptionalInt.empty(), departed.exitCode("box"));
    }

    @Test
    void ofThousandsTheLastAreKnown() {
        for (int i = 0; i <= 1000; i++) {
            departed.add(ended(Integer.toHexString(0x1000 + i), "box-" + i, i));
        }
        assertEquals(OptionalInt.empty(), departed.exitCode("box-0"));
        assertEquals(OptionalInt.of(1), departed.exitCode("box-1"));
        assertEquals(OptionalInt.of(1000), departed.exitCode("box-1000"));
    }
}
