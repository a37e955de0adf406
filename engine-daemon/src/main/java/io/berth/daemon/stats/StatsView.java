package io.berth.daemon.stats;

import io.berth.api.wire.container.StatsResponse;
import io.berth.linux.cgroup.CgroupStatistics;
import java.util.List;

/** Readings in the API's shape. */
public final class StatsView {

    private StatsView() {
    }

    /**
     * @param name with its slash
     * @param machineMemory shown as the limit of a container without one, bytes
     */
    public static StatsResponse of(String id, String name, Sampler.Pair pair, long machineMemory) {
        StatsResponse view = new StatsResponse();
        view.id = id;
        view.name = name;
        pair.now().ifPresent(now -> fill(view, now, machineMemory));
        pair.before().ifPresent(before -> {
            view.preread = before.read().toString();
            view.precpu = cpu(before);
        });
        return view;
    }

    private static void fill(StatsResponse view, Sample now, long machineMemory) {
        CgroupStatistics counters = now.cgroup();
        view.read = now.read().toString();
        view.pids = new StatsResponse.Pids(counters.pids().current(), counters.pids().limit());
        view.blkio = blkio(counters);
        view.cpu = cpu(now);
        view.memory.usage = counters.memory().usage();
        view.memory.maximum = counters.memory().maximum();
        view.memory.failures = counters.memory().failures();
        view.memory.limit = Math.min(counters.memory().limit(), machineMemory);
        view.memory.stats = counters.memory().stat();
        view.networks = now.networks();
    }

    private static StatsResponse.Cpu cpu(Sample sample) {
        CgroupStatistics.Cpu counters = sample.cgroup().cpu();
        StatsResponse.Cpu view = new StatsResponse.Cpu();
        view.usage = new StatsResponse.CpuUsage(counters.total(), counters.perCpu(), counters.kernel(), counters.user());
        view.system = sample.machine().nanoseconds();
        view.online = sample.machine().processors();
        view.throttling = new StatsResponse.Throttling(counters.periods(), counters.throttled(), counters.throttledTime());
        return view;
    }

    private static StatsResponse.Blkio blkio(CgroupStatistics counters) {
        StatsResponse.Blkio view = new StatsResponse.Blkio();
        view.serviceBytes = entries(counters.bytes());
        view.serviced = entries(counters.operations());
        view.queued = List.of();
        view.serviceTime = List.of();
        view.waitTime = List.of();
        view.merged = List.of();
        view.time = List.of();
        view.sectors = List.of();
        return view;
    }

    private static List<StatsResponse.BlkioEntry> entries(List<CgroupStatistics.BlockIo> counters) {
        return counters.stream().map(entry -> new StatsResponse.BlkioEntry(entry.major(), entry.minor(), entry.operation(), entry.value())).toList();
    }
}
