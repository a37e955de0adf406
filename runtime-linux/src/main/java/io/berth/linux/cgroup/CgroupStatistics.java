package io.berth.linux.cgroup;

import java.util.List;
import java.util.Map;

/**
 * Everything the kernel counts of a group and those below it, in one reading. A counter whose controller the machine lacks is 0.
 *
 * @param bytes      of block devices that were read and written
 * @param operations on block devices
 */
public record CgroupStatistics(Cpu cpu, Memory memory, Pids pids, List<BlockIo> bytes, List<BlockIo> operations) {

    public static final CgroupStatistics NONE = new CgroupStatistics(new Cpu(0, List.of(), 0, 0, 0, 0, 0), new Memory(0, 0, 0, 0, Map.of()),
            new Pids(0, 0), List.of(), List.of());

    /**
     * All times in nanoseconds.
     *
     * @param perCpu    with version 1 only
     * @param throttled how many periods ended early because the quota was used up
     */
    public record Cpu(long total, List<Long> perCpu, long kernel, long user, long periods, long throttled, long throttledTime) {
    }

    /**
     * All in bytes but {@code failures} and some of {@code stat}.
     *
     * @param maximum  the most there has been; with version 1 only
     * @param failures how often the limit was hit; with version 1 only
     * @param limit    {@link Long#MAX_VALUE} or nearly so when there is none
     * @param stat     the lines of memory.stat
     */
    public record Memory(long usage, long maximum, long failures, long limit, Map<String, Long> stat) {
    }

    /** @param limit 0 for none */
    public record Pids(long current, long limit) {
    }

    /** @param operation as this version of cgroups spells it: {@code Read}, {@code rbytes} becomes {@code read} */
    public record BlockIo(int major, int minor, String operation, long value) {
    }
}
