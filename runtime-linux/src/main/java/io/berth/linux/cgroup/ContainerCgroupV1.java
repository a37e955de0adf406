package io.berth.linux.cgroup;

import static io.berth.linux.kernel.FileCalls.O_WRONLY;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A container's groups in the old hierarchies. The files are those of the kernel's Documentation/admin-guide/cgroup-v1. */
final class ContainerCgroupV1 implements ContainerCgroup {

    /** Nanoseconds of the kernel's USER_HZ, 100 a second on every architecture we know. */
    private static final long TICK = 10_000_000;
    private static final String FREEZER_STATE = "freezer.state";
    private static final String FROZEN = "FROZEN";
    private static final long FREEZE_PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private final Kernel kernel;
    private final CgroupV1 tree;
    private final String path;
    private final String id;

    ContainerCgroupV1(Kernel kernel, CgroupV1 tree, String path, String id) {
        this.kernel = kernel;
        this.tree = tree;
        this.path = path;
        this.id = id;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public Join join() {
        return new Join.WriteTasks(tree.parents().stream().map(parent -> parent.path() + '/' + id + "/tasks").toList());
    }

    @Override
    public void update(Limits limits) {
        LimitFiles files = LimitFiles.ofGroupInUse();
        try {
            write(limits, files);
        } catch (RuntimeException refused) {
            files.restore(refused);
            throw refused;
        }
    }

    void write(Limits limits, LimitFiles files) {
        setMemory(limits.memory(), files);
        Limits.Cpu cpu = limits.cpu();
        if (cpu.shares() > 0) {
            files.write(file("cpu", "cpu.shares"), cpu.shares());
        }
        if (cpu.limitsTime()) {
            files.write(file("cpu", "cpu.cfs_period_us"), cpu.effectivePeriod());
            if (cpu.effectiveQuota() != 0) {
                files.write(file("cpu", CgroupV1.CPU_QUOTA), cpu.effectiveQuota());
            }
        }
        if (!cpu.cpus().isEmpty()) {
            files.write(file("cpuset", "cpuset.cpus"), cpu.cpus());
        }
        if (!cpu.memoryNodes().isEmpty()) {
            files.write(file("cpuset", "cpuset.mems"), cpu.memoryNodes());
        }
        if (limits.pids() != 0) {
            files.write(file("pids", "pids.max"), limits.pids() > 0 ? limits.pids() : "max");
        }
    }

    private void setMemory(Limits.Memory memory, LimitFiles files) {
        boolean swap = memory.withSwap() != 0 && tree.support().swap();
        if (memory.limit() > 0) {
            try {
                files.write(file("memory", CgroupV1.MEMORY_LIMIT), memory.limit());
            } catch (CgroupException refused) {
                if (failedWith(refused, Errno.EBUSY)) {
                    throw new CgroupException("cannot limit the memory to " + memory.limit() + " bytes: " + get("memory", "memory.usage_in_bytes")
                            + " are in use, and the kernel cannot take back enough of them", refused);
                }
                if (!swap || !failedWith(refused, Errno.EINVAL)) {
                    throw refused;
                }
                // At no time may the limit exceed the one with swap, so when both rise the other goes first.
                files.write(file("memory", CgroupV1.MEMORY_AND_SWAP_LIMIT), memory.withSwap());
                files.write(file("memory", CgroupV1.MEMORY_LIMIT), memory.limit());
            }
        }
        if (swap) {
            files.write(file("memory", CgroupV1.MEMORY_AND_SWAP_LIMIT), memory.withSwap());
        }
        if (memory.reservation() > 0) {
            files.write(file("memory", "memory.soft_limit_in_bytes"), memory.reservation());
        }
    }

    private static boolean failedWith(CgroupException failure, Errno errno) {
        return failure.getCause() instanceof SystemCallException call && call.errno() == errno;
    }

    private LimitFiles.File file(String controller, String file) {
        return new LimitFiles.File() {
            @Override
            public String read() {
                return get(controller, file);
            }

            @Override
            public void write(String value) {
                set(controller, file, value);
            }
        };
    }

    /** The kernel takes one rule a write. A new group allows what its parent allows: everything. */
    void allow(DeviceRules devices) {
        if (devices.everything() || tree.parent("devices").isEmpty()) {
            return;
        }
        set("devices", "devices.deny", "a");
        FileCalls files = new FileCalls(kernel);
        try (Fd allow = parent("devices").open(id + "/devices.allow", O_WRONLY)) {
            devices.rules().forEach(rule -> files.write(allow, rule.line()));
        } catch (SystemCallException refused) {
            throw new CgroupException("cannot allow devices in " + path + ": " + refused.getMessage(), refused);
        }
    }

    private void set(String controller, String file, Object value) {
        parent(controller).write(id + '/' + file, value.toString());
    }

    private String get(String controller, String file) {
        return parent(controller).read(id + '/' + file);
    }

    private CgroupDirectory parent(String controller) {
        return tree.parent(controller).orElseThrow(() -> new CgroupException(
                "this machine has no cgroup controller " + controller + "; " + path + " cannot be limited by it"));
    }

    /** The kernel freezes one process after the other and tells of no end, so its state is asked for again and again. */
    @Override
    public void freeze() {
        long start = System.nanoTime();
        long pause = TimeUnit.MICROSECONDS.toNanos(50);
        set("freezer", FREEZER_STATE, FROZEN);
        while (!isFrozen()) {
            if (System.nanoTime() - start > FREEZE_PATIENCE) {
                thaw();
                throw new CgroupException("cannot freeze " + path + ": a process in it waits in the kernel; try again later");
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(2 * pause, TimeUnit.MILLISECONDS.toNanos(10));
            set("freezer", FREEZER_STATE, FROZEN);
        }
    }

    @Override
    public void thaw() {
        set("freezer", FREEZER_STATE, "THAWED");
    }

    @Override
    public boolean isFrozen() {
        return get("freezer", FREEZER_STATE).equals(FROZEN);
    }

    @Override
    public List<Integer> processes() {
        return tree.parent("freezer").orElseGet(() -> tree.parents().getFirst()).processes(id);
    }

    /** Freezing, complete or not, keeps processes from multiplying while they are killed; they die when thawed. */
    @Override
    public void killAll() {
        boolean freezable = tree.parent("freezer").isPresent();
        if (freezable) {
            set("freezer", FREEZER_STATE, FROZEN);
        }
        try {
            Signals.killAll(kernel, this::processes);
        } finally {
            if (freezable) {
                thaw();
            }
        }
        Signals.killAll(kernel, this::processes);
    }

    @Override
    public Usage usage() {
        boolean memory = tree.parent("memory").isPresent();
        return new Usage(memory ? number("memory", "memory.usage_in_bytes") : -1,
                memory ? KeyedValues.value(get("memory", "memory.oom_control"), "oom_kill") : -1,
                tree.parent("cpuacct").isPresent() ? number("cpuacct", "cpuacct.usage") : -1,
                tree.parent("pids").isPresent() ? number("pids", "pids.current") : -1);
    }

    @Override
    public CgroupStatistics statistics() {
        return new CgroupStatistics(cpu(), memory(), pids(), blocks("blkio.throttle.io_service_bytes_recursive"),
                blocks("blkio.throttle.io_serviced_recursive"));
    }

    private CgroupStatistics.Cpu cpu() {
        Map<String, Long> throttling = CounterFiles.keyed(getIfAny("cpu", "cpu.stat"));
        Map<String, Long> ticks = CounterFiles.keyed(getIfAny("cpuacct", "cpuacct.stat"));
        List<Long> perCpu = CounterFiles.list(getIfAny("cpuacct", "cpuacct.usage_percpu"));
        return new CgroupStatistics.Cpu(tree.parent("cpuacct").isPresent() ? number("cpuacct", "cpuacct.usage") : 0, perCpu,
                ticks.getOrDefault("system", 0L) * TICK, ticks.getOrDefault("user", 0L) * TICK, throttling.getOrDefault("nr_periods", 0L),
                throttling.getOrDefault("nr_throttled", 0L), throttling.getOrDefault("throttled_time", 0L));
    }

    private CgroupStatistics.Memory memory() {
        if (tree.parent("memory").isEmpty()) {
            return CgroupStatistics.NONE.memory();
        }
        return new CgroupStatistics.Memory(number("memory", "memory.usage_in_bytes"), number("memory", "memory.max_usage_in_bytes"),
                number("memory", "memory.failcnt"), number("memory", CgroupV1.MEMORY_LIMIT), CounterFiles.keyed(get("memory", "memory.stat")));
    }

    private CgroupStatistics.Pids pids() {
        return tree.parent("pids").isEmpty() ? CgroupStatistics.NONE.pids()
                : new CgroupStatistics.Pids(number("pids", "pids.current"), CounterFiles.limit(get("pids", "pids.max"), 0));
    }

    /** The throttling layer counts for every I/O scheduler; without it the kernel counts nothing that is the same everywhere. */
    private List<CgroupStatistics.BlockIo> blocks(String file) {
        boolean counted = tree.parent("blkio").map(parent -> parent.has(id + '/' + file)).orElse(false);
        return counted ? CounterFiles.byOperation(get("blkio", file)) : List.of();
    }

    private String getIfAny(String controller, String file) {
        return tree.parent(controller).isPresent() ? get(controller, file) : "";
    }

    private long number(String controller, String file) {
        return Long.parseLong(get(controller, file));
    }
}
