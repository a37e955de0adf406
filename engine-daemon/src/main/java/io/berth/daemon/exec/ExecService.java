package io.berth.daemon.exec;

import io.berth.api.exec.ExecOperations;
import io.berth.api.exec.ExecSwitch;
import io.berth.api.http.ApiException;
import io.berth.api.wire.exec.CreateExecBody;
import io.berth.api.wire.exec.InspectExec;
import io.berth.api.wire.exec.StartExecBody;
import io.berth.daemon.container.ContainerEntry;
import io.berth.daemon.container.ExecProcess;
import io.berth.daemon.container.RunningContainer;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The API's operations on execs. */
final class ExecService implements ExecOperations {

    /** So long a resize waits for the start, as in the reference engine. */
    private static final long START_PATIENCE_SECONDS = 10;

    private final Execs execs;
    private final ContainerEntry entry;
    private final ExecStart start;
    private final KeeperClient keeper;

    ExecService(Execs execs, ContainerEntry entry, ExecStart start, KeeperClient keeper) {
        this.execs = execs;
        this.entry = entry;
        this.start = start;
        this.keeper = keeper;
    }

    @Override
    public String create(String container, CreateExecBody body) {
        RunningContainer place = entry.resolve(container);
        ContainerEntry.detachKeys(body.detachKeys);
        ExecProcess process = process(body, true, body.consoleSize);
        ContainerEntry.requireWords(process);
        if (!body.user.isEmpty()) {
            entry.requireUser(place, process);
        }
        return execs.create(place, body).id();
    }

    @Override
    public void start(String id, StartExecBody body, ExecSwitch connection) throws IOException {
        Exec exec = execs.get(id);
        RunningContainer place = execs.place(exec).orElseThrow();
        if (exec.state() instanceof ExecState.Created) {
            entry.requireReady(place);
        }
        exec.claim();
        List<Integer> size = body.consoleSize.isEmpty() ? exec.config().consoleSize : body.consoleSize;
        ExecProcess process = process(exec.config(), !body.detach, size);
        if (body.detach) {
            start.launch(exec, place, process, List.of());
        } else {
            start.attached(exec, place, process, body.tty, connection);
        }
    }

    private static ExecProcess process(CreateExecBody config, boolean attached, List<Integer> size) {
        List<Integer> known = size.size() == 2 ? size : List.of(0, 0);
        return new ExecProcess(config.cmd, config.env, config.workingDir, config.user, config.privileged, config.tty,
                config.attachStdin && attached, known.get(0), known.get(1));
    }

    @Override
    public void resize(String id, int height, int width) throws InterruptedException {
        Exec exec = execs.get(id);
        try {
            exec.started().get(START_PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException notStarted) {
            throw new ApiException(ApiException.Kind.INTERNAL, "timeout waiting for exec session ready");
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("the news of a start never fails", impossible);
        }
        if (!(exec.state() instanceof ExecState.Running)) {
            throw ApiException.invalid("exec process is not started");
        }
        if (!exec.config().tty) {
            return;
        }
        try {
            keeper.resize(id, height, width);
        } catch (KeeperException ended) {
            if (ended.kind() != KeeperException.Kind.NOT_FOUND) {
                throw ended;
            }
            throw ApiException.invalid("exec process is not started");
        }
    }

    @Override
    public InspectExec inspect(String id) {
        Exec exec = execs.get(id);
        ExecState state = execs.latest(exec);
        CreateExecBody config = exec.config();
        Integer exitCode = state instanceof ExecState.Ended ended ? ended.exitCode() : null;
        int pid = switch (state) {
            case ExecState.Created ignored -> 0;
            case ExecState.Starting ignored -> 0;
            case ExecState.Running running -> running.pid();
            case ExecState.Ended ended -> ended.pid();
        };
        InspectExec.ProcessConfig process = new InspectExec.ProcessConfig(config.tty, config.cmd.getFirst(),
                config.cmd.subList(1, config.cmd.size()), config.privileged, config.user);
        byte[] detachKeys = config.detachKeys.isEmpty() ? new byte[0] : ContainerEntry.detachKeys(config.detachKeys);
        return new InspectExec(id, state.isLive(), exitCode, process, config.attachStdin, config.attachStderr, config.attachStdout, false,
                exec.container(), detachKeys, pid);
    }
}
