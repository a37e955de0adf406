package io.berth.linux.cgroup;

/**
 * What a container may use. As in the API, 0 and the empty string mean that nobody asked and nothing is written.
 * {@link LimitCheck} says whether the values make sense; this only holds them.
 *
 * @param pids processes and threads; negative for no limit
 */
public record Limits(Memory memory, Cpu cpu, long pids) {

    public static final Limits NONE = new Limits(Memory.NONE, Cpu.NONE, 0);

    /**
     * All in bytes.
     *
     * @param limit       the hard limit; reaching it makes the kernel reclaim, then kill
     * @param withSwap    memory and swap together; -1 for as much swap as there is
     * @param reservation what the group keeps when memory gets tight
     */
    public record Memory(long limit, long withSwap, long reservation) {
        public static final Memory NONE = new Memory(0, 0, 0);
    }

    /**
     * @param shares       the weight beside other groups, 2 to 262144; 1024 is what a group has
     * @param period       of the quota, microseconds
     * @param quota        microseconds of processor time in each period; -1 for no limit
     * @param nano         processors times 10⁹, another way to say quota and period
     * @param cpus         the processors it may run on, as {@code 0-3,8}
     * @param memoryNodes  the memory nodes it may use
     */
    public record Cpu(long shares, long period, long quota, long nano, String cpus, String memoryNodes) {

        public static final Cpu NONE = new Cpu(0, 0, 0, 0, "", "");
        /** The kernel's own period, 100 ms. */
        static final long PERIOD = 100_000;

        /** The period to write: the one given, or the kernel's. */
        long effectivePeriod() {
            return period > 0 ? period : PERIOD;
        }

        /** Microseconds a period; 0 when nobody asked, -1 for no limit. */
        long effectiveQuota() {
            return nano > 0 ? nano * PERIOD / 1_000_000_000 : quota;
        }

        /** Whether a quota or a period was asked for. */
        public boolean limitsTime() {
            return nano > 0 || quota != 0 || period > 0;
        }
    }
}
