package io.berth.daemon.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.berth.api.wire.Json;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.restart.Supervision;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.Health;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One record of the containers' journal, as JSON (docs/formats/containers.md). Exactly one of definition, intended, state and removed
 * is there.
 *
 * @param definition the container was created; or, when it was there before, renamed or updated
 * @param intended it is about to be this: a definition follows, this one or, when it cannot be, the one before
 * @param state it is now in this state
 * @param sandbox its connections, with {@code state}
 * @param endpoint its one connection, in journals of earlier versions
 * @param removed it is gone
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ContainerRecord(String id, Definition definition, Definition intended, StateRecord state, SandboxRecord sandbox,
        FormerEndpointRecord endpoint, Boolean removed) {

    /** What is known of a container after replaying the journal so far. */
    record Replayed(Definition definition, ContainerState state, Optional<Sandbox> sandbox, Supervision supervision,
            Optional<Health> health, Optional<Definition> intended) {

        private Replayed with(Definition changed, Optional<Definition> intention) {
            return new Replayed(changed, state, sandbox, supervision, health, intention);
        }
    }

    /** A {@link ContainerState} and what is remembered beside it, flat; times are RFC 3339. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record StateRecord(String word, long generation, int pid, int exitCode, Boolean oomKilled, String startedAt, String finishedAt,
            String error, Integer restarts, Boolean endedByHand, String health, Integer failingStreak) {

        StateRecord with(Supervision supervision) {
            return new StateRecord(word, generation, pid, exitCode, oomKilled, startedAt, finishedAt, error,
                    supervision.restarts() == 0 ? null : Integer.valueOf(supervision.restarts()), supervision.endedByHand() ? true : null, health, failingStreak);
        }

        StateRecord with(Optional<Health> found) {
            return found.map(known -> new StateRecord(word, generation, pid, exitCode, oomKilled, startedAt, finishedAt, error, restarts, endedByHand,
                    known.status().name(), known.failingStreak())).orElse(this);
        }

        /** Its probes are in the {@link HealthLog}. */
        Optional<Health> known() {
            return Optional.ofNullable(health).filter(status -> !status.isEmpty())
                    .map(status -> new Health(Health.Status.valueOf(status), failingStreak, List.of()));
        }

        Supervision supervision() {
            return new Supervision(restarts == null ? 0 : restarts, Boolean.TRUE.equals(endedByHand));
        }
    }

    static ContainerRecord created(Definition definition) {
        return new ContainerRecord(definition.id(), definition, null, null, null, null, null);
    }

    static ContainerRecord intended(Definition definition) {
        return new ContainerRecord(definition.id(), null, definition, null, null, null, null);
    }

    static ContainerRecord changed(Container container) {
        return new ContainerRecord(container.id().hex(), null, null, record(container.state()).with(container.supervision()).with(container.health()),
                container.sandbox().map(SandboxRecord::of).orElse(null), null, null);
    }

    static ContainerRecord removed(ContainerId id) {
        return new ContainerRecord(id.hex(), null, null, null, null, null, true);
    }

    /** Everything about a container, for a compacted journal. */
    static List<ContainerRecord> all(Container container) {
        return List.of(created(container.definition()), changed(container));
    }

    byte[] bytes() {
        return Json.bytes(this);
    }

    static ContainerRecord read(byte[] bytes) {
        try {
            return Json.mapper().readValue(bytes, ContainerRecord.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("read a record of the containers' journal", unreadable);
        }
    }

    void replay(Map<String, Replayed> containers) {
        if (Boolean.TRUE.equals(removed)) {
            containers.remove(id);
        } else if (definition != null) {
            containers.merge(id, new Replayed(definition, new ContainerState.Created(0, ""), Optional.empty(), Supervision.FRESH,
                            Optional.empty(), Optional.empty()),
                    (before, fresh) -> before.with(definition, Optional.empty()));
        } else if (intended != null) {
            containers.computeIfPresent(id, (key, before) -> before.with(before.definition(), Optional.of(intended)));
        } else {
            containers.computeIfPresent(id, (key, before) -> new Replayed(before.definition(), state(state),
                    connections(), state.supervision(), state.known(), before.intended()));
        }
    }

    private Optional<Sandbox> connections() {
        return Optional.ofNullable(sandbox).map(record -> record.sandbox(id))
                .or(() -> Optional.ofNullable(endpoint).map(record -> record.sandbox(id)));
    }

    private static StateRecord record(ContainerState state) {
        return switch (state) {
            case ContainerState.Created created -> record("created", 0, 0, created.exitCode(), null, null, null, created.error());
            case ContainerState.Running running -> running("running", running);
            case ContainerState.Paused paused -> running(paused.held() ? "held" : "paused", paused.run());
            case ContainerState.Restarting restarting -> record("restarting", restarting.generation(), 0, restarting.exitCode(),
                    restarting.oomKilled(), restarting.startedAt(), restarting.finishedAt(), null);
            case ContainerState.Exited exited -> record("exited", exited.generation(), 0, exited.exitCode(), exited.oomKilled(),
                    exited.startedAt(), exited.finishedAt(), exited.error());
            // A removal that a crash interrupted is begun again from the state before.
            case ContainerState.Removing removing -> record(removing.before());
            case ContainerState.Dead dead -> record(dead.before());
        };
    }

    private static StateRecord running(String word, ContainerState.Running running) {
        return record(word, running.generation(), running.pid(), 0, null, running.startedAt(), null, null);
    }

    private static StateRecord record(String word, long generation, int pid, int exitCode, Boolean oomKilled, Instant startedAt,
            Instant finishedAt, String error) {
        return new StateRecord(word, generation, pid, exitCode, oomKilled, startedAt == null ? null : startedAt.toString(),
                finishedAt == null ? null : finishedAt.toString(), error, null, null, null, null);
    }

    private static ContainerState state(StateRecord record) {
        return switch (record.word()) {
            case "running" -> running(record);
            case "paused" -> new ContainerState.Paused(running(record), false);
            case "held" -> new ContainerState.Paused(running(record), true);
            case "restarting" -> new ContainerState.Restarting(record.generation(), record.exitCode(), Boolean.TRUE.equals(record.oomKilled()),
                    Instant.parse(record.startedAt()), Instant.parse(record.finishedAt()));
            case "exited" -> new ContainerState.Exited(record.generation(), record.exitCode(), Boolean.TRUE.equals(record.oomKilled()),
                    Instant.parse(record.startedAt()), Instant.parse(record.finishedAt()), record.error());
            default -> new ContainerState.Created(record.exitCode(), record.error());
        };
    }

    private static ContainerState.Running running(StateRecord record) {
        return new ContainerState.Running(record.generation(), record.pid(), Instant.parse(record.startedAt()));
    }
}
