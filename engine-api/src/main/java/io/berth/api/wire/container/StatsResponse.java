package io.berth.api.wire.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/**
 * One sample of what a container uses, with the one before it in {@code precpu_stats}: clients subtract. Times are RFC 3339,
 * processor times nanoseconds, sizes bytes. A container that does not run has zeros; what the machine's cgroup version does not
 * count is missing.
 */
public final class StatsResponse {
    public @WireName("name") @OmitEmpty String name = "";
    public @WireName("id") @OmitEmpty String id = "";
    public @WireName("read") String read = InspectContainer.NEVER;
    public @WireName("preread") String preread = InspectContainer.NEVER;
    public @WireName("pids_stats") Pids pids = new Pids(0, 0);
    public @WireName("blkio_stats") Blkio blkio = new Blkio();
    /** Of Windows. */
    public @WireName("num_procs") int processes;
    /** Of Windows. */
    public @WireName("storage_stats") Map<String, Long> storage = Map.of();
    public @WireName("cpu_stats") Cpu cpu = new Cpu();
    public @WireName("precpu_stats") Cpu precpu = new Cpu();
    public @WireName("memory_stats") Memory memory = new Memory();
    /** By the interface's name inside the container. */
    public @WireName("networks") @OmitEmpty Map<String, Network> networks = Map.of();

    /** @param limit 0 for none */
    public record Pids(@WireName("current") @OmitEmpty long current, @WireName("limit") @OmitEmpty long limit) {
    }

    public static final class Cpu {
        public @WireName("cpu_usage") CpuUsage usage = new CpuUsage(0, List.of(), 0, 0);
        /** Of all processors of the machine, idle or not, since it was started. */
        public @WireName("system_cpu_usage") @OmitEmpty long system;
        public @WireName("online_cpus") @OmitEmpty int online;
        public @WireName("throttling_data") Throttling throttling = new Throttling(0, 0, 0);
    }

    /** @param perCpu with cgroup v1 only */
    public record CpuUsage(@WireName("total_usage") long total, @WireName("percpu_usage") @OmitEmpty List<Long> perCpu,
            @WireName("usage_in_kernelmode") long kernel, @WireName("usage_in_usermode") long user) {
    }

    /** @param time nanoseconds that processes were kept waiting by the quota */
    public record Throttling(@WireName("periods") long periods, @WireName("throttled_periods") long throttled,
            @WireName("throttled_time") long time) {
    }

    public static final class Memory {
        public @WireName("usage") @OmitEmpty long usage;
        /** With cgroup v1 only. */
        public @WireName("max_usage") @OmitEmpty long maximum;
        /** The lines of memory.stat. */
        public @WireName("stats") @OmitEmpty Map<String, Long> stats = Map.of();
        /** With cgroup v1 only. */
        public @WireName("failcnt") @OmitEmpty long failures;
        public @WireName("limit") @OmitEmpty long limit;
    }

    /** Null lists of a container that does not run. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public static final class Blkio {
        public @WireName("io_service_bytes_recursive") List<BlkioEntry> serviceBytes;
        public @WireName("io_serviced_recursive") List<BlkioEntry> serviced;
        public @WireName("io_queue_recursive") List<BlkioEntry> queued;
        public @WireName("io_service_time_recursive") List<BlkioEntry> serviceTime;
        public @WireName("io_wait_time_recursive") List<BlkioEntry> waitTime;
        public @WireName("io_merged_recursive") List<BlkioEntry> merged;
        public @WireName("io_time_recursive") List<BlkioEntry> time;
        public @WireName("sectors_recursive") List<BlkioEntry> sectors;
    }

    /** @param operation {@code read} or {@code write}, as the kernel's version spells it */
    public record BlkioEntry(@WireName("major") int major, @WireName("minor") int minor, @WireName("op") String operation,
            @WireName("value") long value) {
    }

    public record Network(@WireName("rx_bytes") long receivedBytes, @WireName("rx_packets") long receivedPackets,
            @WireName("rx_errors") long receiveErrors, @WireName("rx_dropped") long receiveDropped, @WireName("tx_bytes") long sentBytes,
            @WireName("tx_packets") long sentPackets, @WireName("tx_errors") long sendErrors, @WireName("tx_dropped") long sendDropped) {
    }
}
