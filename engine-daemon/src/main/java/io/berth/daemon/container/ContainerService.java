package io.berth.daemon.container;

import io.berth.api.container.AttachRequest;
import io.berth.api.container.AttachSwitch;
import io.berth.api.container.ContainerOperations;
import io.berth.api.container.CreateContainer;
import io.berth.api.container.ListContainers;
import io.berth.api.container.LogStream;
import io.berth.api.container.LogsRequest;
import io.berth.api.container.RemoveContainer;
import io.berth.api.container.StatsStream;
import io.berth.api.container.WaitCondition;
import io.berth.api.container.WaitHandle;
import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.container.CreateContainerResponse;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.InspectContainer;
import io.berth.api.wire.container.PruneContainersResponse;
import io.berth.api.wire.container.StatsResponse;
import io.berth.api.wire.container.TopResponse;
import io.berth.api.wire.container.UpdateContainerResponse;
import io.berth.api.wire.container.WaitResponse;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Signals;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.kernel.BlockingCalls;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** The API's operations on containers: finds the container that is meant and hands it to the part that knows the job. */
final class ContainerService implements ContainerOperations {

    private final Containers containers;
    private final ContainerCreation creation;
    private final ContainerStart start;
    private final ContainerStop stop;
    private final ContainerPause pause;
    private final ContainerChanges changes;
    private final ContainerRemoval removal;
    private final Links links;
    private final ContainerPrune prune;
    private final ContainerStats stats;
    private final ContainerAttach attach;
    private final ContainerLogs logs;
    private final ContainerViews views;
    private final ContainerEvents events;
    private final KeeperClient keeper;
    private final CgroupTree cgroups;
    private final BlockingCalls blockingCalls;

    ContainerService(Containers containers, ContainerCreation creation, ContainerStart start, ContainerStop stop, ContainerPause pause,
            ContainerChanges changes, ContainerRemoval removal, Links links, ContainerPrune prune, ContainerStats stats, ContainerAttach attach, ContainerLogs logs,
            ContainerViews views, ContainerEvents events, KeeperClient keeper, CgroupTree cgroups,
            BlockingCalls blockingCalls) {
        this.containers = containers;
        this.creation = creation;
        this.start = start;
        this.stop = stop;
        this.pause = pause;
        this.changes = changes;
        this.removal = removal;
        this.links = links;
        this.prune = prune;
        this.stats = stats;
        this.attach = attach;
        this.logs = logs;
        this.views = views;
        this.events = events;
        this.keeper = keeper;
        this.cgroups = cgroups;
        this.blockingCalls = blockingCalls;
    }

    @Override
    public List<ContainerSummary> list(ListContainers request) {
        ContainerFilter filter = new ContainerFilter(request.filters(), containers, creation::imagesOf, views::networkIds);
        boolean limited = request.limit().isPresent() && request.limit().getAsInt() > 0;
        boolean all = request.all() || limited || filter.asksForAll();
        Stream<Container> found = containers.list().stream().filter(container -> all || container.state().isUp()).filter(filter::passes);
        if (limited) {
            found = found.limit(request.limit().getAsInt());
        }
        return views.summaries(found, request.size());
    }

    @Override
    public CreateContainerResponse create(CreateContainer request) {
        return creation.create(request);
    }

    @Override
    public InspectContainer inspect(String container, boolean size) {
        return views.inspect(containers.resolve(container), size);
    }

    @Override
    public TopResponse top(String container, String psArguments) {
        Container found = containers.resolve(container);
        requireRunning(found);
        TopResponse processes = ProcessList.of(new HashSet<>(cgroups.existing(found.id().hex()).processes()), psArguments);
        events.publish(found, "top");
        return processes;
    }

    @Override
    public LogStream logs(LogsRequest request) {
        return logs.open(containers.resolve(request.container()), request);
    }

    @Override
    public void resize(String container, int height, int width) {
        Container found = containers.resolve(container);
        requireRunning(found);
        if (found.spec().streams().tty()) {
            resizeTerminal(found, height, width);
        } // else there is nothing to resize, which is no error of the client's in the reference either
        events.publish(found, "resize", Map.of("height", Integer.toString(height), "width", Integer.toString(width)));
    }

    private void resizeTerminal(Container container, int height, int width) {
        try {
            keeper.resize(container.id().hex(), height, width);
        } catch (KeeperException refused) {
            if (refused.kind() != KeeperException.Kind.NOT_FOUND && refused.kind() != KeeperException.Kind.INVALID) {
                throw refused;
            }
            throw ApiException.conflict("cannot resize container " + container.name() + ": it has no terminal that is open");
        }
    }

    @Override
    public void start(String container, Optional<String> detachKeys) {
        ContainerAttach.detachKeys(detachKeys);
        start(containers.resolve(container));
    }

    private void start(Container container) {
        blockingCalls.run(() -> startOrRemove(container));
    }

    private void startOrRemove(Container container) {
        container.lifecycle().lock();
        try {
            start.start(container);
        } catch (ApiException refused) {
            throw refused;
        } catch (RuntimeException failure) {
            if (container.spec().ending().autoRemove()) {
                removal.removeAfterExit(container);
            }
            throw failure;
        } finally {
            container.lifecycle().unlock();
        }
    }

    @Override
    public void stop(String container, Optional<String> signal, OptionalInt seconds) {
        Container found = containers.resolve(container);
        explaining("cannot stop container: " + container, () -> stop(found, signal, seconds));
    }

    private void stop(Container container, Optional<String> signal, OptionalInt seconds) {
        if (!container.state().isUp()) {
            throw ApiException.notModified(); // whatever the signal
        }
        ContainerSpec.Ending ending = container.spec().ending();
        int number = signal.filter(name -> !name.isEmpty()).map(Signals::parse).orElse(ending.stopSignal());
        try {
            stop.stop(container, number, seconds.orElse(ending.stopTimeout()));
        } catch (InterruptedException clientGone) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void restart(String container, Optional<String> signal, OptionalInt seconds) {
        Container found = containers.resolve(container);
        explaining("Cannot restart container " + container, () -> {
            if (found.state().isUp()) {
                found.state().currentRun().ifPresent(run -> found.keepAfterRun(run.generation()));
                unlessDone(() -> stop(found, signal, seconds)); // it may end by itself just now
                Failpoint.RESTART_STOPPED.reach();
            }
            unlessDone(() -> start(found)); // or its policy start it
        });
        events.publish(found, "restart");
    }

    private static void unlessDone(Runnable operation) {
        try {
            operation.run();
        } catch (ApiException refused) {
            if (refused.kind() != ApiException.Kind.NOT_MODIFIED) {
                throw refused;
            }
        }
    }

    @Override
    public void kill(String container, String signal) {
        explaining("cannot kill container: " + container, () -> {
            int number = signal.isEmpty() ? Signals.SIGKILL : Signals.parse(signal);
            try {
                stop.send(containers.resolve(container), number);
            } catch (InterruptedException clientGone) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Refusals say what was attempted, as those of the reference do in these places only. */
    private static void explaining(String attempt, Runnable operation) {
        try {
            operation.run();
        } catch (ApiException refused) {
            throw refused.kind() == ApiException.Kind.NOT_MODIFIED ? refused
                    : new ApiException(refused.kind(), attempt + ": " + refused.getMessage(), refused);
        }
    }

    @Override
    public void pause(String container) {
        pause.pause(containers.resolve(container));
    }

    @Override
    public void unpause(String container) {
        pause.unpause(containers.resolve(container));
    }

    @Override
    public void rename(String container, String name) {
        if (name.isEmpty()) {
            throw ApiException.invalid("Neither old nor new names may be empty");
        }
        changes.rename(containers.resolve(container), name);
    }

    @Override
    public StatsResponse stats(String container) {
        Container found = containers.resolve(container);
        return blockingCalls.call(() -> stats.now(found));
    }

    @Override
    public StatsStream streamStats(String container) {
        return stats.stream(containers.resolve(container));
    }

    @Override
    public UpdateContainerResponse update(String container, HostConfig limits) {
        return new UpdateContainerResponse(changes.update(containers.resolve(container), limits));
    }

    @Override
    public PruneContainersResponse prune(Filters filters) {
        return prune.prune(filters);
    }

    @Override
    public void attach(AttachRequest request, AttachSwitch connection) throws IOException {
        attach.attach(containers.resolve(request.container()), request, connection);
    }

    @Override
    public WaitHandle registerWait(String container, WaitCondition condition) {
        Optional<Container> found = containers.find(container);
        OptionalInt departed = removal.departed().exitCode(container);
        return found.isEmpty() && departed.isPresent() ? over(departed.getAsInt()) : wait(containers.resolve(container), condition);
    }

    private static WaitHandle over(int exitCode) {
        return new WaitHandle() {
            @Override
            public WaitResponse await() {
                return WaitResponse.exited(exitCode);
            }

            @Override
            public void close() {
                // nothing was registered
            }
        };
    }

    private static WaitHandle wait(Container found, WaitCondition condition) {
        CompletableFuture<Integer> future = switch (condition) {
            case NOT_RUNNING -> found.stopped();
            case NEXT_EXIT -> found.nextExit();
            case REMOVED -> found.removed();
        };
        return new WaitHandle() {
            @Override
            public WaitResponse await() throws InterruptedException {
                try {
                    return WaitResponse.exited(future.get());
                } catch (ExecutionException notRemoved) {
                    return WaitResponse.failed(found.exitCode(), String.valueOf(notRemoved.getCause().getMessage()));
                }
            }

            @Override
            public void close() {
                // the future forgets a waiter that is interrupted
            }
        };
    }

    @Override
    public void remove(RemoveContainer request) {
        if (request.link()) {
            links.remove(request.container());
            return;
        }
        Container found = containers.resolve(request.container());
        if (request.force() && found.state().isUp()) {
            try {
                stop.kill(found);
            } catch (InterruptedException clientGone) {
                Thread.currentThread().interrupt();
                return;
            }
            removal.removeIfThere(found, request.volumes()); // --rm may have been quicker
            return;
        }
        removal.remove(found, request.container(), request.volumes());
    }

    private static void requireRunning(Container container) {
        if (container.state() instanceof ContainerState.Restarting) {
            throw ContainerPause.restarting(container);
        }
        if (!container.state().isRunning()) {
            throw ContainerPause.notRunning(container);
        }
    }
}
