package io.berth.daemon.exec;

import io.berth.api.exec.ExecOperations;
import io.berth.daemon.container.ContainerEntry;
import io.berth.daemon.container.ExecEnds;
import io.berth.daemon.container.HealthProbe;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.kernel.Kernel;
import io.berth.store.durable.DurableFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Executor;

/** The parts that run execs, put together. */
public final class ExecEngine implements AutoCloseable {

    private final Execs execs;
    private final ExecService service;
    private final ExecProbe probe;

    /** @param execRoot for what ends with the machine */
    public ExecEngine(Kernel kernel, Executor threads, DurableFiles files, Path execRoot, ContainerEntry entry, KeeperClient keeper, Clock clock) {
        execs = Execs.open(files, execRoot.resolve("execs.journal"), entry, keeper, threads, clock);
        ExecStart start = new ExecStart(kernel, execs, entry);
        service = new ExecService(execs, entry, start, keeper);
        probe = new ExecProbe(kernel, execs, start, keeper);
    }

    /** Takes over what runs, before the containers are: their keeper's news are for execs too. */
    public ExecEnds takeOver() {
        execs.takeOver();
        return execs;
    }

    /** How the health of containers is probed. */
    public HealthProbe probe() {
        return probe;
    }

    public ExecOperations operations() {
        return service;
    }

    /** Execs go on running. */
    @Override
    public void close() {
        execs.close();
    }
}
