package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.restart.RestartRule;
import io.berth.linux.cgroup.CgroupSupport;
import io.berth.linux.cgroup.LimitCheck;
import io.berth.linux.cgroup.Limits;
import java.util.List;
import java.util.Set;

/**
 * What {@code docker update} makes of a container's configuration: what is asked for takes the place of what was, and nothing else
 * changes. Refusals are the reference engine's, word for word.
 *
 * @param result the whole configuration afterwards
 * @param limits what is to be written to the cgroup of a running container
 */
public record LimitUpdate(HostConfig result, Limits limits, List<String> warnings) {

    private static final Set<String> KNOWN = Set.of("CpuShares", "Memory", "NanoCpus", "CpuPeriod", "CpuQuota", "CpusetCpus", "CpusetMems",
            "MemoryReservation", "MemorySwap", "PidsLimit", "RestartPolicy");
    private static final long UNLIMITED = -1;

    /**
     * @param asked of which only the limits and the restart policy may be there
     * @throws ApiException invalid for what makes no sense or is not built, conflict for what does not fit the container
     */
    public static LimitUpdate of(HostConfig present, HostConfig asked, CgroupSupport support) {
        for (String name : asked.given()) {
            if (!KNOWN.contains(name)) {
                throw Unsupported.unsupported("update of " + name);
            }
        }
        LimitCheck.Accepted accepted = LimitCheck.onUpdate(limits(asked), support);
        RestartRule.of(asked.restartPolicy);
        refuseConflicts(present, asked);
        HostConfig result = present.with(host -> hold(host, accepted.limits(), asked));
        if (result.memory > 0 && result.memorySwap > 0 && result.memorySwap < result.memory) {
            throw ApiException.invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
        }
        return new LimitUpdate(result, written(accepted.limits(), result), accepted.warnings());
    }

    private static Limits limits(HostConfig host) {
        return new Limits(new Limits.Memory(host.memory, host.memorySwap, host.memoryReservation),
                new Limits.Cpu(host.cpuShares, host.cpuPeriod, host.cpuQuota, host.nanoCpus, host.cpusetCpus, host.cpusetMems),
                host.pidsLimit == null ? 0 : host.pidsLimit == 0 ? UNLIMITED : host.pidsLimit);
    }

    /** A number of processors is another way to say period and quota: once one is set the other cannot be. */
    private static void refuseConflicts(HostConfig present, HostConfig asked) {
        conflictIf(asked.nanoCpus > 0 && present.cpuPeriod > 0, "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set");
        conflictIf(asked.nanoCpus > 0 && present.cpuQuota > 0, "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set");
        conflictIf(asked.cpuPeriod > 0 && present.nanoCpus > 0, "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set");
        conflictIf(asked.cpuQuota > 0 && present.nanoCpus > 0, "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set");
        conflictIf(asked.memory > present.memorySwap && present.memorySwap > 0 && asked.memorySwap == 0,
                "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
        conflictIf(present.autoRemove && RestartRule.of(asked.restartPolicy).restarts(),
                "Restart policy cannot be updated because AutoRemove is enabled for the container");
    }

    private static void conflictIf(boolean conflicting, String reason) {
        if (conflicting) {
            throw ApiException.conflict(reason);
        }
    }

    private static void hold(HostConfig host, Limits asked, HostConfig request) {
        host.memory = or(asked.memory().limit(), host.memory);
        host.memorySwap = or(asked.memory().withSwap(), host.memorySwap);
        host.memoryReservation = or(asked.memory().reservation(), host.memoryReservation);
        host.cpuShares = or(asked.cpu().shares(), host.cpuShares);
        host.cpuPeriod = or(asked.cpu().period(), host.cpuPeriod);
        host.cpuQuota = or(asked.cpu().quota(), host.cpuQuota);
        host.nanoCpus = or(asked.cpu().nano(), host.nanoCpus);
        host.cpusetCpus = asked.cpu().cpus().isEmpty() ? host.cpusetCpus : asked.cpu().cpus();
        host.cpusetMems = asked.cpu().memoryNodes().isEmpty() ? host.cpusetMems : asked.cpu().memoryNodes();
        host.pidsLimit = asked.pids() == 0 ? host.pidsLimit : request.pidsLimit;
        host.restartPolicy = request.restartPolicy.name().isEmpty() ? host.restartPolicy : request.restartPolicy;
    }

    private static long or(long asked, long present) {
        return asked != 0 ? asked : present;
    }

    /** What goes together is written together: memory with swap, period with quota. */
    private static Limits written(Limits asked, HostConfig result) {
        boolean memory = asked.memory().limit() != 0 || asked.memory().withSwap() != 0;
        boolean time = asked.cpu().limitsTime();
        return new Limits(new Limits.Memory(memory ? result.memory : 0, memory ? result.memorySwap : 0, asked.memory().reservation()),
                new Limits.Cpu(asked.cpu().shares(), time ? result.cpuPeriod : 0, time ? result.cpuQuota : 0, time ? result.nanoCpus : 0,
                        asked.cpu().cpus(), asked.cpu().memoryNodes()), asked.pids());
    }
}
