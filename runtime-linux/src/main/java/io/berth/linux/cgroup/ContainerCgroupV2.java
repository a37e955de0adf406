package io.berth.linux.cgroup;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A container's group in the unified hierarchy. */
final class ContainerCgroupV2 implements ContainerCgroup {

    private static final String EVENTS = "cgroup.events";
    private static final long FREEZE_PATIENCE = TimeUnit.SECONDS.toNanos(10);
    /** poll(2): a cgroup file has changed. */
    private static final short POLLPRI = 2;
    // linux/bpf.h
    private static final int BPF_PROG_ATTACH = 8;
    private static final int BPF_CGROUP_DEVICE = 6;
    private static final int BPF_F_ALLOW_MULTI = 2;

    private final Kernel kernel;
    private final CgroupV2 tree;
    private final String path;
    private final String id;

    ContainerCgroupV2(Kernel kernel, CgroupV2 tree, String path, String id) {
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
        return new Join.CloneInto(openDirectory());
    }

    private Fd openDirectory() {
        try {
            return tree.parent().open(id, FileCalls.O_RDONLY | FileCalls.O_DIRECTORY);
        } catch (SystemCallException refused) {
            throw new CgroupException("cannot open the control group " + path + ": " + refused.errno().describe(), refused);
        }
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
            files.write(file("cpu.weight"), weight(cpu.shares()));
        }
        if (cpu.limitsTime()) {
            files.write(file("cpu.max"), quota(cpu.effectiveQuota()) + " " + cpu.effectivePeriod());
        }
        if (!cpu.cpus().isEmpty()) {
            files.write(file("cpuset.cpus"), cpu.cpus());
        }
        if (!cpu.memoryNodes().isEmpty()) {
            files.write(file("cpuset.mems"), cpu.memoryNodes());
        }
        if (limits.pids() != 0) {
            files.write(file("pids.max"), limits.pids() > 0 ? limits.pids() : "max");
        }
    }

    /** Here swap has a limit of its own, without the memory. */
    private void setMemory(Limits.Memory memory, LimitFiles files) {
        if (memory.withSwap() != 0 && tree.support().swap()) {
            long limit = memory.limit() > 0 ? memory.limit() : limitSet();
            files.write(file("memory.swap.max"), memory.withSwap() < 0 ? "max" : Math.max(0, memory.withSwap() - limit));
        }
        if (memory.limit() > 0) {
            files.write(file("memory.max"), memory.limit());
        }
        if (memory.reservation() > 0) {
            files.write(file("memory.low"), memory.reservation());
        }
    }

    private LimitFiles.File file(String file) {
        return new LimitFiles.File() {
            @Override
            public String read() {
                return get(file);
            }

            @Override
            public void write(String value) {
                set(file, value);
            }
        };
    }

    private long limitSet() {
        String limit = get("memory.max");
        return limit.equals("max") ? Long.MAX_VALUE : Long.parseLong(limit);
    }

    /** Shares of 2 to 262144 spread over weights of 1 to 10000, as runc and the kubelet have long done it. */
    static long weight(long shares) {
        return 1 + (shares - 2) * 9999 / 262_142;
    }

    private String quota(long microseconds) {
        if (microseconds == 0) {
            return get("cpu.max").split(" ")[0];
        }
        return microseconds < 0 ? "max" : Long.toString(microseconds);
    }

    /** ALLOW_MULTI, so that an engine inside the container can add its own, which can only take away. */
    void attach(Fd program) {
        try (Fd directory = openDirectory()) {
            NativeBuffer attributes = NativeBuffer.allocate(32);
            attributes.bytes().putInt(0, directory.number()).putInt(4, program.number()).putInt(8, BPF_CGROUP_DEVICE)
                    .putInt(12, BPF_F_ALLOW_MULTI);
            kernel.call(SystemCall.BPF, of(BPF_PROG_ATTACH), attributes, of(attributes.size()));
        } catch (SystemCallException refused) {
            throw new CgroupException("cannot attach the device rules to " + path + ": " + refused.errno().describe(), refused);
        }
    }

    private void set(String file, Object value) {
        tree.parent().write(id + '/' + file, value.toString());
    }

    private String get(String file) {
        return tree.parent().read(id + '/' + file);
    }

    @Override
    public void freeze() {
        set("cgroup.freeze", 1);
        long deadline = System.nanoTime() + FREEZE_PATIENCE;
        try (Fd events = tree.parent().open(id + '/' + EVENTS, FileCalls.O_RDONLY)) {
            NativeBuffer poll = NativeBuffer.allocate(8 + 16);
            while (!isFrozen(events)) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    thaw();
                    throw new CgroupException("cannot freeze " + path + ": a process in it waits in the kernel; try again later");
                }
                poll.bytes().putInt(0, events.number()).putShort(4, POLLPRI)
                        .putLong(8, left / 1_000_000_000).putLong(16, left % 1_000_000_000);
                kernel.retry(SystemCall.PPOLL, poll, of(1), poll.from(8), of(0), of(0));
            }
        }
    }

    /** The kernel reports a change only after the last state was read from the same descriptor. */
    private boolean isFrozen(Fd events) {
        NativeBuffer buffer = NativeBuffer.allocate(256);
        long length = kernel.retry(SystemCall.PREAD64, events, buffer, of(buffer.size()), of(0));
        return KeyedValues.value(new String(buffer.copy(0, (int) length), StandardCharsets.US_ASCII), "frozen") == 1;
    }

    @Override
    public void thaw() {
        set("cgroup.freeze", 0);
    }

    @Override
    public boolean isFrozen() {
        return KeyedValues.value(get(EVENTS), "frozen") == 1;
    }

    @Override
    public List<Integer> processes() {
        return tree.parent().processes(id);
    }

    /** cgroup.kill came with Linux 5.14. */
    @Override
    public void killAll() {
        if (tree.parent().has(id + "/cgroup.kill")) {
            set("cgroup.kill", 1);
        } else {
            Signals.killAll(kernel, this::processes);
        }
    }

    @Override
    public Usage usage() {
        boolean memory = tree.support().memory();
        return new Usage(memory ? Long.parseLong(get("memory.current")) : -1,
                memory ? KeyedValues.value(get("memory.events"), "oom_kill") : -1,
                1000 * KeyedValues.value(get("cpu.stat"), "usage_usec"),
                tree.support().pids() ? Long.parseLong(get("pids.current")) : -1);
    }

    @Override
    public CgroupStatistics statistics() {
        String io = tree.parent().has(id + "/io.stat") ? get("io.stat") : "";
        return new CgroupStatistics(cpu(), memory(), pids(), CounterFiles.byKey(io, Map.of("rbytes", "read", "wbytes", "write")),
                CounterFiles.byKey(io, Map.of("rios", "read", "wios", "write")));
    }

    /** cpu.stat is there without the controller too, and counts microseconds. */
    private CgroupStatistics.Cpu cpu() {
        Map<String, Long> stat = CounterFiles.keyed(get("cpu.stat"));
        return new CgroupStatistics.Cpu(1000 * stat.getOrDefault("usage_usec", 0L), List.of(), 1000 * stat.getOrDefault("system_usec", 0L),
                1000 * stat.getOrDefault("user_usec", 0L), stat.getOrDefault("nr_periods", 0L), stat.getOrDefault("nr_throttled", 0L),
                1000 * stat.getOrDefault("throttled_usec", 0L));
    }

    private CgroupStatistics.Memory memory() {
        if (!tree.support().memory()) {
            return CgroupStatistics.NONE.memory();
        }
        return new CgroupStatistics.Memory(Long.parseLong(get("memory.current")), 0, 0, CounterFiles.limit(get("memory.max"), Long.MAX_VALUE),
                CounterFiles.keyed(get("memory.stat")));
    }

    private CgroupStatistics.Pids pids() {
        return tree.support().pids() ? new CgroupStatistics.Pids(Long.parseLong(get("pids.current")), CounterFiles.limit(get("pids.max"), 0))
                : CgroupStatistics.NONE.pids();
    }
}
