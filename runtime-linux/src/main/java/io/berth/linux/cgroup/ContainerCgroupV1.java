package io.berth.linux.cgroup;

import static io.berth.linux.kernel.FileCalls.O_WRONLY;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A container's groups in the old hierarchies. The files are those of the kernel's Documentation/admin-guide/cgroup-v1. */
final class ContainerCgroupV1 implements ContainerCgroup {

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
        setMemory(limits.memory());
        Limits.Cpu cpu = limits.cpu();
        if (cpu.shares() > 0) {
            set("cpu", "cpu.shares", cpu.shares());
        }
        if (cpu.limitsTime()) {
            set("cpu", "cpu.cfs_period_us", cpu.effectivePeriod());
            if (cpu.effectiveQuota() != 0) {
                set("cpu", CgroupV1.CPU_QUOTA, cpu.effectiveQuota());
            }
        }
        if (!cpu.cpus().isEmpty()) {
            set("cpuset", "cpuset.cpus", cpu.cpus());
        }
        if (!cpu.memoryNodes().isEmpty()) {
            set("cpuset", "cpuset.mems", cpu.memoryNodes());
        }
        if (limits.pids() != 0) {
            set("pids", "pids.max", limits.pids() > 0 ? limits.pids() : "max");
        }
    }

    private void setMemory(Limits.Memory memory) {
        boolean swap = memory.withSwap() != 0 && tree.support().swap();
        if (memory.limit() > 0) {
            try {
                set("memory", CgroupV1.MEMORY_LIMIT, memory.limit());
            } catch (CgroupException refused) {
                if (!swap) {
                    throw refused;
                }
                // At no time may the limit exceed the one with swap, so when both rise the other goes first.
                set("memory", CgroupV1.MEMORY_AND_SWAP_LIMIT, memory.withSwap());
                set("memory", CgroupV1.MEMORY_LIMIT, memory.limit());
            }
        }
        if (swap) {
            set("memory", CgroupV1.MEMORY_AND_SWAP_LIMIT, memory.withSwap());
        }
        if (memory.reservation() > 0) {
            set("memory", "memory.soft_limit_in_bytes", memory.reservation());
        }
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

    private long number(String controller, String file) {
        return Long.parseLong(get(controller, file));
    }
}
