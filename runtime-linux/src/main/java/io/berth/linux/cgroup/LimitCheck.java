package io.berth.linux.cgroup;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Decides once, when a container is created or updated, whether its limits can be meant and held. Refusals and warnings are
 * the reference engine's, in its order and words.
 */
public final class LimitCheck {

    private static final long LEAST_MEMORY = 6L << 20;
    private static final long LEAST_SHARES = 2;
    private static final long MOST_SHARES = 262_144;

    private final CgroupSupport support;
    private final List<String> warnings = new ArrayList<>();

    private LimitCheck(CgroupSupport support) {
        this.support = support;
    }

    /**
     * @param limits   what to hold: the request without what this machine cannot hold, with the reference's defaults
     * @param warnings for the answer to the client
     */
    public record Accepted(Limits limits, List<String> warnings) {
    }

    /** @throws InvalidLimitException for a value that makes no sense */
    public static Accepted onCreate(Limits requested, CgroupSupport support) {
        LimitCheck check = new LimitCheck(support);
        Limits.Memory memory = requested.memory();
        if (memory.limit() > 0 && memory.withSwap() == 0) {
            memory = new Limits.Memory(memory.limit(), 2 * memory.limit(), memory.reservation());
        }
        if (memory.limit() == 0 && memory.withSwap() > 0) {
            throw new InvalidLimitException("You should always set the Memory limit when using Memoryswap limit, see usage");
        }
        return check.all(new Limits(memory, requested.cpu(), requested.pids()));
    }

    /**
     * The same for a change of a container; what is unset stays as it is.
     *
     * @return the limits that are to change, not those of the whole container
     * @throws InvalidLimitException for a value that makes no sense
     */
    public static Accepted onUpdate(Limits requested, CgroupSupport support) {
        return new LimitCheck(support).all(requested);
    }

    private Accepted all(Limits limits) {
        if (limits.cpu().shares() < 0) {
            throw new InvalidLimitException("invalid CPU shares (" + limits.cpu().shares() + "): value must be a positive integer");
        }
        Limits.Memory memory = memory(limits.memory());
        long pids = limits.pids();
        if (pids > 0 && discard(support.pids(), "PIDs limit", "PIDs limit discarded.")) {
            pids = 0;
        }
        return new Accepted(new Limits(memory, cpu(limits.cpu()), pids), List.copyOf(warnings));
    }

    private Limits.Memory memory(Limits.Memory memory) {
        long limit = memory.limit();
        long withSwap = memory.withSwap();
        long reservation = memory.reservation();
        refuseIf(limit != 0 && limit < LEAST_MEMORY, "Minimum memory limit allowed is 6MB");
        if (limit > 0 && discard(support.memory(), "memory limit", "Limitation discarded.")) {
            limit = 0;
            withSwap = -1;
        }
        if (limit > 0 && withSwap != -1 && discard(support.swap(), "swap limit", "Memory limited without swap.")) {
            withSwap = -1;
        }
        refuseIf(limit > 0 && withSwap > 0 && withSwap < limit,
                "Minimum memoryswap limit should be larger than memory limit, see usage");
        if (reservation > 0 && discard(support.memoryReservation(), "memory soft limit", "Limitation discarded.")) {
            reservation = 0;
        }
        refuseIf(reservation > 0 && reservation < LEAST_MEMORY, "Minimum memory reservation allowed is 6MB");
        refuseIf(limit > 0 && reservation > 0 && limit < reservation,
                "Minimum memory limit can not be less than memory reservation limit, see usage");
        return new Limits.Memory(limit, withSwap, reservation);
    }

    private Limits.Cpu cpu(Limits.Cpu cpu) {
        refuseIf(cpu.nano() > 0 && cpu.period() > 0, "Conflicting options: Nano CPUs and CPU Period cannot both be set");
        refuseIf(cpu.nano() > 0 && cpu.quota() > 0, "Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        refuseIf(cpu.nano() > 0 && !support.cpuQuota(), "NanoCPUs can not be set, as your kernel does not support CPU CFS "
                + "scheduler or the cgroup is not mounted");
        int present = processors();
        refuseIf(cpu.nano() < 0 || cpu.nano() > present * 1_000_000_000L,
                "range of CPUs is from 0.01 to " + present + ".00, as there are only " + present + " CPUs available");
        long shares = cpu.shares() == 0 ? 0 : Math.clamp(cpu.shares(), LEAST_SHARES, MOST_SHARES);
        if (shares > 0 && discard(support.cpuShares(), "CPU shares", "Shares discarded.")) {
            shares = 0;
        }
        long period = cpu.period();
        long quota = cpu.quota();
        if ((period != 0 || quota != 0) && !support.cpuQuota()) {
            warnings.add("Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.");
            period = 0;
            quota = 0;
        }
        refuseIf(period != 0 && (period < 1000 || period > 1_000_000),
                "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        refuseIf(quota > 0 && quota < 1000, "CPU cfs quota can not be less than 1ms (i.e. 1000)");
        if (!(cpu.cpus().isEmpty() && cpu.memoryNodes().isEmpty()) && discard(support.cpuset(), "cpuset", "Cpuset discarded.")) {
            return new Limits.Cpu(shares, period, quota, cpu.nano(), "", "");
        }
        refuseUnlessAvailable(cpu.cpus(), support.cpus(), "cpuset cpus", "CPUs");
        refuseUnlessAvailable(cpu.memoryNodes(), support.memoryNodes(), "cpuset mems", "memory nodes");
        return new Limits.Cpu(shares, period, quota, cpu.nano(), cpu.cpus(), cpu.memoryNodes());
    }

    private int processors() {
        return CpuList.parse(support.cpus()).map(BitSet::cardinality).filter(count -> count > 0)
                .orElseGet(() -> Runtime.getRuntime().availableProcessors());
    }

    private static void refuseUnlessAvailable(String requested, String available, String option, String what) {
        BitSet wanted = CpuList.parse(requested).orElseThrow(() -> new InvalidLimitException(
                "Invalid value " + requested + " for " + option + ": invalid format: " + requested));
        wanted.andNot(CpuList.parse(available).orElseGet(BitSet::new));
        refuseIf(!wanted.isEmpty(),
                "Requested " + what + " are not available - requested " + requested + ", available: " + available);
    }

    private static void refuseIf(boolean wrong, String message) {
        if (wrong) {
            throw new InvalidLimitException(message);
        }
    }

    /** Whether a limit must be dropped; if so, warns. */
    private boolean discard(boolean supported, String what, String consequence) {
        if (!supported) {
            String capabilities = what.endsWith("limit") || what.startsWith("PIDs") ? " capabilities" : "";
            warnings.add("Your kernel does not support " + what + capabilities + " or the cgroup is not mounted. " + consequence);
        }
        return !supported;
    }
}
