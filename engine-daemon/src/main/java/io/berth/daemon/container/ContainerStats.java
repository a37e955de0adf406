package io.berth.daemon.container;

import io.berth.api.container.StatsStream;
import io.berth.api.wire.container.StatsResponse;
import io.berth.daemon.stats.MachineMemory;
import io.berth.daemon.stats.NetworkCounters;
import io.berth.daemon.stats.ProcessorTime;
import io.berth.daemon.stats.Sample;
import io.berth.daemon.stats.Sampler;
import io.berth.daemon.stats.StatsView;
import io.berth.linux.cgroup.CgroupException;
import io.berth.linux.cgroup.CgroupTree;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** {@code docker stats}: what a container uses, once or as long as it exists. */
final class ContainerStats implements AutoCloseable {

    private final CgroupTree cgroups;
    private final Sampler sampler = new Sampler();
    private final long machineMemory = MachineMemory.total();
    private final Clock clock;

    ContainerStats(CgroupTree cgroups, Clock clock) {
        this.cgroups = cgroups;
        this.clock = clock;
    }

    /** One reading, at once. */
    StatsResponse now(Container container) {
        return view(container, new Sampler.Pair(Optional.empty(), read(container)));
    }

    /** A reading a second; ends when the container is removed. The caller closes it. */
    StatsStream stream(Container container) {
        Sampler.Subscription subscription = sampler.subscribe(container.id().hex(), () -> read(container));
        return new StatsStream() {
            @Override
            public Optional<StatsResponse> next() throws InterruptedException {
                return subscription.next().filter(pair -> !container.removed().isDone()).map(pair -> view(container, pair));
            }

            @Override
            public void close() {
                subscription.close();
            }
        };
    }

    private StatsResponse view(Container container, Sampler.Pair pair) {
        return StatsView.of(container.id().hex(), "/" + container.name(), pair, machineMemory);
    }

    /** Empty when it does not run. */
    private Optional<Sample> read(Container container) {
        Optional<ContainerState.Running> run = container.state().currentRun();
        try {
            return run.map(present -> new Sample(clock.instant(), cgroups.existing(container.id().hex()).statistics(), ProcessorTime.now(),
                    networks(container, present.pid())));
        } catch (CgroupException unreadable) {
            if (!container.state().currentRun().equals(run)) {
                return Optional.empty(); // its group went with its run
            }
            throw unreadable;
        }
    }

    /** Of a network that is its own. */
    private static Map<String, StatsResponse.Network> networks(Container container, int pid) {
        boolean placed = container.sandbox().stream().flatMap(sandbox -> sandbox.endpoints().stream()).anyMatch(endpoint -> endpoint.place().isPresent());
        return placed ? NetworkCounters.of(pid) : Map.of();
    }

    @Override
    public void close() {
        sampler.close();
    }
}
