package io.berth.daemon.container;

import io.berth.api.wire.Json;
import io.berth.daemon.spec.Health;
import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.Journal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latest probes of every container, in a journal of the exec root (docs/formats/health.md): they survive the daemon and not the
 * machine, and a probe costs one write into the kernel's memory.
 */
final class HealthLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HealthLog.class);
    private static final long COMPACT_ABOVE = 1 << 20;

    /**
     * One record: a probe, and what was known after it.
     *
     * @param generation the run of the container
     * @param start RFC 3339, as {@code end}
     */
    record Record(String id, long generation, Health.Status status, int failingStreak, String start, String end, int exitCode, String output) {

        static Record of(Container container, long generation, Health after, Health.Probe probe) {
            return new Record(container.id().hex(), generation, after.status(), after.failingStreak(), probe.start().toString(), probe.end().toString(),
                    probe.exitCode(), probe.output());
        }

        static Record read(byte[] bytes) {
            try {
                return Json.mapper().readValue(bytes, Record.class);
            } catch (IOException unreadable) {
                throw new UncheckedIOException("read a record of the journal of health", unreadable);
            }
        }

        Health.Probe probe() {
            return new Health.Probe(Instant.parse(start), Instant.parse(end), exitCode, output);
        }
    }

    private final Containers containers;
    private final Journal journal;
    /** Bytes of the journal after the last compaction. */
    private long compactedSize;

    private HealthLog(DurableFiles files, Path path, Containers containers) {
        this.containers = containers;
        Map<String, Deque<Record>> latest = new HashMap<>();
        journal = Journal.open(files, path, bytes -> {
            Record record = Record.read(bytes);
            Deque<Record> probes = latest.computeIfAbsent(record.id(), id -> new ArrayDeque<>());
            probes.addLast(record);
            if (probes.size() > Health.KEPT) {
                probes.removeFirst();
            }
        });
        compactedSize = journal.size();
        containers.list().stream().filter(container -> container.spec().health().isPresent())
                .forEach(container -> Optional.ofNullable(latest.get(container.id().hex())).ifPresent(probes -> remember(container, probes)));
    }

    /** Opens it, and tells the containers what the daemon before has found out about them. */
    static HealthLog open(DurableFiles files, Path path, Containers containers) {
        return new HealthLog(files, path, containers);
    }

    /** The containers' own journal knows of a run's end, and of changes; of the run that goes on, this one knows more. */
    private static void remember(Container container, Deque<Record> probes) {
        Record last = probes.getLast();
        ContainerState state = container.state();
        Health known = state.isRunning() && state.generation() == last.generation() ? new Health(last.status(), last.failingStreak(), List.of())
                : container.health().orElse(Health.UNKNOWN);
        container.health(Optional.of(known.with(probes.stream().map(Record::probe).toList())));
    }

    /** A probe has had its outcome, the last in the log of {@code after}. What cannot be written down is known as long as this daemon lives. */
    synchronized void learn(Container container, long generation, Health after) {
        container.health(Optional.of(after));
        try {
            journal.append(Json.bytes(Record.of(container, generation, after, after.log().getLast())));
            compactIfWorthIt();
        } catch (RuntimeException failure) {
            LOG.warn("the next daemon will not know what a probe of container {} has found out", container.id().shortForm(), failure);
        }
    }

    private void compactIfWorthIt() {
        if (journal.size() < COMPACT_ABOVE + 2 * compactedSize) {
            return;
        }
        journal.compact(() -> containers.list().stream().flatMap(HealthLog::records).map(Json::bytes).iterator());
        compactedSize = journal.size();
    }

    private static Stream<Record> records(Container container) {
        return container.health().stream().flatMap(health -> health.log().stream()
                .map(probe -> Record.of(container, container.state().generation(), health, probe)));
    }

    @Override
    public void close() {
        journal.close();
    }
}
