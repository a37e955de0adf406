package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.launch.Launcher;
import io.berth.linux.launch.TableMemory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One process from its launcher to its end. Two children of the keeper take part: the launcher, which ends as soon as it has
 * cloned, and the process itself. Nothing here waits: a step of the launch may hang for as long as it likes. On the control
 * thread.
 */
final class KeptChild {

    /** Told how it ended; at most one of the two is called, once. */
    interface Owner {

        /** It has ended before its execve; who asked for it knows. */
        void failed(KeptChild child);

        void ended(KeptChild child);
    }

    // sys/wait.h
    private static final int WNOHANG = 1;
    private static final int WALL = 0x4000_0000;
    private static final int SIGKILL = 9;
    /** The exit code of a launch that failed when nobody was there to be told why. */
    private static final int NOT_STARTED = 128;

    private final Kernel kernel;
    private final EventLoop loop;
    private final String key;
    private final long generation;
    private final Owner owner;
    private final Reply reply;
    private Optional<TableMemory> table = Optional.empty();
    private Optional<Watched> launcher = Optional.empty();
    private Optional<Watched> started = Optional.empty();
    private Optional<Watched> process = Optional.empty();
    private Stdio streams;
    private int launcherPid;
    private int pid;
    private boolean startedSeen;
    private boolean killed;
    private boolean replied;
    private boolean ended;
    private boolean exited;
    private boolean terminal;
    private int status;
    private long endedNanos;

    KeptChild(Kernel kernel, EventLoop loop, String key, long generation, Owner owner, Reply reply) {
        this.kernel = kernel;
        this.loop = loop;
        this.key = key;
        this.generation = generation;
        this.owner = owner;
        this.reply = reply;
    }

    String key() {
        return key;
    }

    long generation() {
        return generation;
    }

    Stdio streams() {
        return streams;
    }

    void streams(Stdio opened) {
        streams = opened;
    }

    boolean hasTerminal() {
        return terminal;
    }

    /** It is dead, though its output may still be on its way. */
    boolean hasEnded() {
        return ended;
    }

    /** Its exit is recorded. */
    boolean hasExited() {
        return exited;
    }

    void exited() {
        exited = true;
    }

    int status() {
        return status;
    }

    long endedNanos() {
        return endedNanos;
    }

    KeptProcess describe() {
        KeptProcess.State state = exited ? KeptProcess.State.EXITED : replied ? KeptProcess.State.RUNNING : KeptProcess.State.STARTING;
        return new KeptProcess(key, generation, pid, state);
    }

    /** Writes the descriptors' numbers into the table and starts a launcher on it. */
    void spawn(Launcher with, LaunchRequest request) {
        List<Fd> inherited = new ArrayList<>();
        List<Fd> tables = new ArrayList<>();
        boolean watched = false;
        for (LaunchRequest.Descriptor descriptor : request.descriptors()) {
            switch (descriptor.role()) {
                case TABLE -> tables.add(descriptor.fd());
                case CHILD -> inherited.add(descriptor.fd());
                case MASTER -> terminal = true;
                case STARTED -> watched = true;
                case STDIN, STDOUT, STDERR -> {
                }
            }
        }
        if (tables.size() != 1) {
            throw new IllegalArgumentException("a launch has one table, not " + tables.size());
        }
        startedSeen = !watched;
        TableMemory memory = new TableMemory(kernel, tables.getFirst());
        table = Optional.of(memory);
        for (LaunchRequest.Relocation relocation : request.relocations()) {
            memory.patch(relocation.offset(), request.descriptors().get(relocation.descriptor()).fd().number());
        }
        launcherPid = with.spawn(tables.getFirst(), inherited);
        launcher = Optional.of(watchProcess(launcherPid, new EventLoop.Handler() {
            @Override
            public void ready(int events) {
                launcherEnded();
            }
        }));
    }

    /** Learns from the pipe's end that execve has happened, or that the process is dead. */
    void watchStarted(Fd pipe) {
        started = Optional.of(new Watched(pipe, loop.register(pipe, EventLoop.IN, new EventLoop.Handler() {
            @Override
            public void ready(int events) {
                started = close(started);
                startedSeen = true;
                decide();
            }
        })));
    }

    /** To the process, or to its launcher while there is no process. A kill reaches the process also when the launcher has just made it. */
    void signal(int signal) {
        Optional<Watched> target = process.isPresent() ? process : launcher;
        killed |= signal == SIGKILL;
        if (target.isPresent()) {
            kernel.call(SystemCall.PIDFD_SEND_SIGNAL, target.get().fd, of(signal), NULL, NULL);
        }
    }

    /** Closes everything it watches. */
    void close() {
        launcher = close(launcher);
        started = close(started);
        process = close(process);
        if (table.isPresent()) {
            table.get().close();
            table = Optional.empty();
        }
    }

    private void launcherEnded() {
        int launcherStatus = reap(launcherPid);
        if (launcherStatus < 0) {
            return;
        }
        launcher = close(launcher);
        pid = table.get().pid();
        if (pid > 0) {
            process = Optional.of(watchProcess(pid, new EventLoop.Handler() {
                @Override
                public void ready(int events) {
                    processEnded();
                }
            }));
            if (killed) {
                signal(SIGKILL);
            }
            decide();
        } else if (table.get().failedStep() >= 0) {
            fail();
        } else {
            replied = true;
            failed(reply.refused(KeeperException.Kind.FAILED, "start " + key + ": the launcher ended with status " + launcherStatus
                    + " before it had made a process"));
        }
    }

    private void decide() {
        if (startedSeen && pid > 0 && !replied && table.get().failedStep() < 0) {
            succeed();
        }
    }

    private void processEnded() {
        int waited = reap(pid);
        if (waited < 0) {
            return;
        }
        status = waited;
        endedNanos = now();
        if (!replied && table.get().failedStep() >= 0) {
            fail();
            return;
        }
        if (!replied) {
            succeed();
        }
        end();
        owner.ended(this);
    }

    private void succeed() {
        replied = true;
        table.get().close();
        table = Optional.empty();
        reply.done(new MessageWriter().flag(true).number(pid));
    }

    private void fail() {
        replied = true;
        failed(reply.done(new MessageWriter().flag(false).number(table.get().failedStep()).number(table.get().errno())));
    }

    /**
     * Who asked for the launch may have died meanwhile. Who came after it has seen a launch under way in the list, and learns of its
     * end as of any other.
     */
    private void failed(boolean told) {
        end();
        if (told) {
            owner.failed(this);
            return;
        }
        status = NOT_STARTED << 8;
        endedNanos = now();
        owner.ended(this);
    }

    private static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private void end() {
        ended = true;
        close();
    }

    /** The raw wait status, negative when the child has not ended. */
    private int reap(int child) {
        NativeBuffer result = NativeBuffer.allocate(4);
        long reaped = kernel.attempt(SystemCall.WAIT4, of(child), result, of(WNOHANG | WALL), NULL);
        if (reaped == -Errno.ECHILD.number()) {
            // Somebody else reaped a child of ours; nothing is left to learn but that it is dead.
            return 0;
        }
        return reaped == child ? result.bytes().getInt(0) : -1;
    }

    private Watched watchProcess(int child, EventLoop.Handler handler) {
        Fd pidfd = kernel.open(SystemCall.PIDFD_OPEN, of(child), NULL);
        return new Watched(pidfd, loop.register(pidfd, EventLoop.IN, handler));
    }

    private static Optional<Watched> close(Optional<Watched> watched) {
        if (watched.isPresent()) {
            watched.get().registration.close();
            watched.get().fd.close();
        }
        return Optional.empty();
    }

    private record Watched(Fd fd, EventLoop.Registration registration) {
    }
}
