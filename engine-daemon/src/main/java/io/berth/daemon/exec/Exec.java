package io.berth.daemon.exec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.exec.CreateExecBody;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One exec: what it is to be, and where it is in its life. Readers take {@link #state} and never wait. */
final class Exec {

    private final String id;
    private final String container;
    private final long generation;
    private final CreateExecBody config;
    private final Instant created;
    private final boolean passing;
    /** Guards changes of the state; never held across I/O. */
    private final Object monitor = new Object();
    private volatile ExecState state;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();

    /** @param generation the run of the container that it belongs to */
    Exec(String id, String container, long generation, CreateExecBody config, Instant created, ExecState state) {
        this(id, container, generation, config, created, state, false);
    }

    private Exec(String id, String container, long generation, CreateExecBody config, Instant created, ExecState state, boolean passing) {
        this.passing = passing;
        this.id = id;
        this.container = container;
        this.generation = generation;
        this.config = config;
        this.created = created;
        this.state = state;
        tell();
    }

    /** One of the daemon's own, that the next daemon has no use for; the caller starts it. */
    static Exec passing(String id, String container, long generation, CreateExecBody config, Instant created) {
        return new Exec(id, container, generation, config, created, new ExecState.Starting(), true);
    }

    /** Whether it ends with the daemon, which neither writes it down nor remembers it afterwards. */
    boolean isPassing() {
        return passing;
    }

    String id() {
        return id;
    }

    String container() {
        return container;
    }

    long generation() {
        return generation;
    }

    CreateExecBody config() {
        return config;
    }

    Instant created() {
        return created;
    }

    ExecState state() {
        return state;
    }

    /** The command as events show it. */
    String commandLine() {
        List<String> command = config.cmd;
        return command.getFirst() + " " + String.join(" ", command.subList(1, command.size()));
    }

    /**
     * The caller starts it now, and nobody else.
     *
     * @throws ApiException conflict when it has been started before
     */
    void claim() {
        synchronized (monitor) {
            if (!(state instanceof ExecState.Created)) {
                throw ApiException.conflict("exec command " + id + (state.isLive() ? " is already running" : " has already run"));
            }
            state = new ExecState.Starting();
        }
    }

    /** The start did not happen. */
    void giveBack() {
        synchronized (monitor) {
            if (state instanceof ExecState.Starting) {
                state = new ExecState.Created();
            }
        }
    }

    /** Its program runs; the news of its end may have been quicker. */
    void runs(int pid) {
        synchronized (monitor) {
            state = state instanceof ExecState.Ended end ? new ExecState.Ended(pid, end.exitCode(), end.at()) : new ExecState.Running(pid);
        }
        tell();
    }

    /** It is over, or never began. False when that is known already. */
    boolean end(int exitCode, Instant at) {
        synchronized (monitor) {
            if (state instanceof ExecState.Ended) {
                return false;
            }
            state = new ExecState.Ended(state instanceof ExecState.Running(int pid) ? pid : 0, exitCode, at);
        }
        tell();
        return true;
    }

    /** Completed once it runs or has ended. */
    CompletableFuture<Void> started() {
        return started;
    }

    /** Completed with the exit code. */
    CompletableFuture<Integer> ended() {
        return ended;
    }

    private void tell() {
        switch (state) {
            case ExecState.Created ignored -> { }
            case ExecState.Starting ignored -> { }
            case ExecState.Running ignored -> started.complete(null);
            case ExecState.Ended over -> {
                started.complete(null);
                ended.complete(over.exitCode());
            }
        }
    }
}
