package io.berth.daemon.exec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.exec.CreateExecBody;
import io.berth.daemon.container.ContainerEntry;
import io.berth.daemon.container.ExecEnds;
import io.berth.daemon.container.RunningContainer;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.linux.keeper.Exit;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.keeper.KeptProcess;
import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.Journal;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All execs, those that have ended too until some time after their end, and the journal they are written down in. It lies in the
 * exec root: it survives the daemon and not the machine, as the processes do. Whether an exec runs is not in it, because the
 * keeper knows.
 */
final class Execs implements ExecEnds, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Execs.class);
    /** As the reference engine, which looks for what can be forgotten every five minutes. */
    private static final Duration REMEMBERED = Duration.ofMinutes(5);
    /** The exit code of a process whose end nobody saw. */
    private static final int UNKNOWN_EXIT = 255;
    private static final int SIGKILL = 9;
    private static final long COMPACT_ABOVE = 1 << 20;

    private final Map<String, Exec> byId = new ConcurrentHashMap<>();
    private final Journal journal;
    private final ContainerEntry entry;
    private final KeeperClient keeper;
    private final Executor threads;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final AtomicReference<Instant> swept;
    /** Shared by those who add an exec, in the journal and here; exclusive while the journal is compacted. */
    private final ReadWriteLock membership = new ReentrantReadWriteLock();

    private Execs(DurableFiles files, Path path, ContainerEntry entry, KeeperClient keeper, Executor threads, Clock clock) {
        this.entry = entry;
        this.keeper = keeper;
        this.threads = threads;
        this.clock = clock;
        this.swept = new AtomicReference<>(clock.instant());
        Map<String, Exec> replayed = new LinkedHashMap<>();
        journal = Journal.open(files, path, record -> ExecRecord.read(record).replay(replayed));
        byId.putAll(replayed);
    }

    static Execs open(DurableFiles files, Path path, ContainerEntry entry, KeeperClient keeper, Executor threads, Clock clock) {
        return new Execs(files, path, entry, keeper, threads, clock);
    }

    /** Takes over what runs. To be called once, before the first news of an exit. */
    void takeOver() {
        Map<String, KeptProcess> kept = new HashMap<>();
        keeper.list().forEach(process -> kept.put(process.key(), process));
        for (Exec exec : byId.values()) {
            if (exec.state() instanceof ExecState.Ended) {
                continue;
            }
            Optional<RunningContainer> place = place(exec).filter(RunningContainer::isRunning);
            if (kept.containsKey(exec.id())) {
                exec.runs(kept.get(exec.id()).pid());
            } else if (place.isEmpty()) {
                byId.remove(exec.id());
            }
            place.ifPresent(running -> entry.enter(running, exec.id()));
        }
        kept.values().stream().filter(process -> process.state() != KeptProcess.State.EXITED && isNobodys(process.key())).forEach(this::kill);
    }

    private boolean isNobodys(String key) {
        return !byId.containsKey(key) && entry.find(key, 0).isEmpty();
    }

    /** What a daemon before this one has started for itself alone, a probe. */
    private void kill(KeptProcess process) {
        try {
            keeper.signal(process.key(), SIGKILL);
        } catch (KeeperException ended) {
            LOG.debug("process {} of the daemon before has ended", process.key(), ended);
        }
    }

    /** Makes an exec, and writes it down. */
    Exec create(RunningContainer place, CreateExecBody config) {
        sweepIfDue();
        Exec exec = new Exec(newId(), place.id(), place.generation(), config, clock.instant(), new ExecState.Created());
        membership.readLock().lock();
        try {
            journal.append(ExecRecord.created(exec).bytes());
            byId.put(exec.id(), exec);
        } finally {
            membership.readLock().unlock();
        }
        Failpoint.EXEC_RECORDED.reach();
        entry.enter(place, exec.id());
        publish(exec, "exec_create: " + exec.commandLine(), Map.of());
        return exec;
    }

    /** Makes one of the daemon's own, which it starts and waits for: nothing is written, and nothing remembered when it has ended. */
    Exec createPassing(RunningContainer place, CreateExecBody config) {
        Exec exec = Exec.passing(newId(), place.id(), place.generation(), config, clock.instant());
        byId.put(exec.id(), exec);
        entry.enter(place, exec.id());
        publish(exec, "exec_create: " + exec.commandLine(), Map.of());
        return exec;
    }

    private String newId() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** @throws ApiException not found */
    Exec get(String id) {
        Exec exec = byId.get(id);
        if (exec == null || isForgotten(exec)) {
            throw ApiException.notFound("No such exec instance: " + id);
        }
        return exec;
    }

    /** The run it belongs to; empty when the container is gone. */
    Optional<RunningContainer> place(Exec exec) {
        return entry.find(exec.container(), exec.generation());
    }

    /** With the container go all its execs, with the end of a run those that were never started. */
    private boolean isForgotten(Exec exec) {
        Optional<RunningContainer> place = place(exec);
        return place.isEmpty() || exec.state() instanceof ExecState.Created && !place.get().isRunning();
    }

    /** The start failed: there is no process, and there will be none. */
    void failed(Exec exec, int exitCode) {
        if (exec.end(exitCode, clock.instant())) {
            writeEnd(exec);
        }
    }

    /** On the keeper's reader thread: whoever has heard from the keeper after this exit finds the exit code. */
    @Override
    public boolean exited(Exit exit) {
        Exec exec = byId.get(exit.key());
        if (exec == null) {
            return false;
        }
        if (exec.state().isLive()) { // before anybody learns of the end: what a health check makes of it is told after it
            publish(exec, "exec_die", Map.of("exitCode", Integer.toString(exit.code())));
        }
        if (exec.isPassing()) {
            forget(exec, exit);
        } else {
            exec.end(exit.code(), Instant.ofEpochSecond(0, exit.timeNanos()));
            threads.execute(() -> wrapUp(exec, exit));
        }
        return true;
    }

    @Override
    public boolean detached(String key) {
        Exec exec = byId.get(key);
        if (exec == null) {
            return false;
        }
        threads.execute(() -> publish(exec, "exec_detach", Map.of()));
        return true;
    }

    /** All there is to do, without another thread: it neither blocks nor waits. */
    private void forget(Exec exec, Exit exit) {
        leave(exec);
        exec.end(exit.code(), Instant.ofEpochSecond(0, exit.timeNanos()));
        try {
            keeper.releaseSoon(exit.key(), exit.generation());
        } catch (KeeperException lost) {
            LOG.debug("the keeper is gone, and with it what it remembers of {}", exec.id(), lost);
        }
    }

    private void leave(Exec exec) {
        place(exec).ifPresent(place -> entry.leave(place, exec.id()));
        if (exec.isPassing()) {
            byId.remove(exec.id());
        }
    }

    private void wrapUp(Exec exec, Exit exit) {
        try {
            writeEnd(exec);
            Failpoint.EXEC_END_RECORDED.reach();
            keeper.release(exit.key(), exit.generation());
        } catch (RuntimeException kept) {
            LOG.warn("the keeper still remembers the end of exec {}", exec.id(), kept);
        }
    }

    private void writeEnd(Exec exec) {
        leave(exec);
        if (!exec.isPassing() && exec.state() instanceof ExecState.Ended end) {
            journal.append(ExecRecord.ended(exec, end).bytes());
        }
    }

    void publish(Exec exec, String action, Map<String, String> more) {
        Map<String, String> attributes = new LinkedHashMap<>(more);
        attributes.put("execID", exec.id());
        place(exec).ifPresent(place -> {
            if (exec.isPassing()) {
                entry.announce(place, action, attributes);
            } else {
                entry.publish(place, action, attributes);
            }
        });
    }

    /**
     * Where an exec is by now, the keeper's latest news included: a client that has read an exec's last output may ask for its exit
     * code before the daemon has heard of the exit.
     */
    ExecState latest(Exec exec) {
        if (exec.state().isLive()) {
            try {
                keeper.ping(); // what it sent before the answer has been taken in when this returns
            } catch (KeeperException lost) {
                LOG.debug("the keeper does not answer", lost);
            }
        }
        return exec.state();
    }

    private void sweepIfDue() {
        Instant now = clock.instant();
        Instant last = swept.get();
        if (now.isBefore(last.plus(REMEMBERED)) || !swept.compareAndSet(last, now)) {
            return;
        }
        byId.values().removeIf(exec -> isForgotten(exec) && !exec.state().isLive()
                || exec.state() instanceof ExecState.Ended ended && ended.at().plus(REMEMBERED).isBefore(now));
        if (journal.size() < COMPACT_ABOVE) {
            return;
        }
        membership.writeLock().lock();
        try {
            journal.compact(() -> byId.values().stream().flatMap(exec -> exec.state() instanceof ExecState.Ended end
                    ? Stream.of(ExecRecord.created(exec), ExecRecord.ended(exec, end))
                    : exec.isPassing() ? Stream.<ExecRecord>empty() : Stream.of(ExecRecord.created(exec))).map(ExecRecord::bytes).iterator());
        } finally {
            membership.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        journal.close();
    }
}
