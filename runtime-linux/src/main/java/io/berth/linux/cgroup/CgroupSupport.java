package io.berth.linux.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * What limits this machine can hold. A controller may be missing from the kernel, switched off at boot, or bound to the
 * other version.
 *
 * @param cpus        the processors a container may be bound to, as {@code 0-3,8}; empty when cpuset is missing
 * @param memoryNodes the memory nodes, in the same form
 */
public record CgroupSupport(boolean memory, boolean swap, boolean memoryReservation, boolean cpuShares, boolean cpuQuota,
        boolean cpuset, boolean pids, String cpus, String memoryNodes) {

    /** The lines {@code docker info} ends with, in the reference engine's words. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        warnUnless(memory, "memory limit", warnings);
        warnUnless(swap, "swap limit", warnings);
        warnUnless(cpuQuota, "cpu cfs quota", warnings);
        warnUnless(cpuQuota, "cpu cfs period", warnings);
        warnUnless(cpuShares, "cpu shares", warnings);
        warnUnless(cpuset, "cpuset", warnings);
        return List.copyOf(warnings);
    }

    private static void warnUnless(boolean supported, String what, List<String> warnings) {
        if (!supported) {
            warnings.add("WARNING: No " + what + " support");
        }
    }
}
