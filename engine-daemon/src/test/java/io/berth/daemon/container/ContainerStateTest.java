package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerStateTest {

    private static final Map<String, ContainerState> STATES = states();

    private static Map<String, ContainerState> states() {
        Map<String, ContainerState> states = new LinkedHashMap<>();
        for (ContainerState state : List.of(new ContainerState.Created(0, ""), Fixtures.running(1),
                new ContainerState.Paused(Fixtures.running(1), false), new ContainerState.Restarting(1, 2, false, Fixtures.NOON, Fixtures.NOON),
                Fixtures.exited(1, 0),
                new ContainerState.Removing(Fixtures.exited(1, 0)), new ContainerState.Dead(Fixtures.exited(1, 0), "why"))) {
            states.put(state.word(), state);
        }
        return states;
    }

    @ParameterizedTest
    @CsvSource({"created, created running removing", "running, running paused restarting exited",
        "paused, running restarting exited", "restarting, running exited", "exited, running exited removing", "removing, dead", "dead, removing"})
    void onlyTheDeclaredTransitionsAreAllowed(String from, String allowed) {
        for (ContainerState next : STATES.values()) {
            assertEquals(List.of(allowed.split(" ")).contains(next.word()), STATES.get(from).mayBecome(next), from + " to " + next.word());
        }
    }

    @ParameterizedTest
    @CsvSource({"created, 0", "running, 1", "paused, 1", "restarting, 1", "exited, 1", "removing, 1", "dead, 1"})
    void theGenerationCountsStarts(String state, long generation) {
        assertEquals(generation, STATES.get(state).generation());
    }

    @Test
    void aFailedStartIsRememberedAndNothingElseChanges() {
        assertEquals(new ContainerState.Created(127, "not found"), new ContainerState.Created(0, "").afterFailedStart(127, "not found"));
        ContainerState.Exited before = Fixtures.exited(3, 1);
        assertEquals(new ContainerState.Exited(3, 128, false, before.startedAt(), before.finishedAt(), "no network"),
                before.afterFailedStart(128, "no network"));
    }

    @ParameterizedTest
    @CsvSource({"running", "paused", "removing", "dead"})
    void whatIsNotStartedCannotFailToStart(String state) {
        assertThrows(IllegalStateException.class, () -> STATES.get(state).afterFailedStart(1, ""));
    }
}
