package io.berth.api.wire.container;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.berth.api.wire.GivenFields;
import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a container shall run on this host: the {@code HostConfig} of create and inspect, with every field of API 1.51 in its order.
 *
 * <p>A struct with public fields, because nobody can read a constructor of eighty arguments; it is filled by the JSON reader, and
 * changed afterwards only through {@link #with}. Sizes are bytes, CPU periods and quotas microseconds. A boxed field is null when
 * the client did not send it; nothing else is ever null.
 */
public final class HostConfig implements Cloneable {
    @NullWhenEmpty public List<String> binds = List.of();
    @WireName("ContainerIDFile") public String containerIdFile = "";
    public LogConfig logConfig = new LogConfig("", Map.of());
    public String networkMode = "";
    public Map<String, List<PortBinding>> portBindings = Map.of();
    public RestartPolicy restartPolicy = new RestartPolicy("", 0);
    public boolean autoRemove;
    public String volumeDriver = "";
    @NullWhenEmpty public List<String> volumesFrom = List.of();
    /** Height and width of the terminal at the first start; zeros when the client has none. */
    public List<Integer> consoleSize = List.of(0, 0);
    @OmitEmpty public Map<String, String> annotations = Map.of();
    @NullWhenEmpty public List<String> capAdd = List.of();
    @NullWhenEmpty public List<String> capDrop = List.of();
    public String cgroupnsMode = "";
    public List<String> dns = List.of();
    public List<String> dnsOptions = List.of();
    public List<String> dnsSearch = List.of();
    @NullWhenEmpty public List<String> extraHosts = List.of();
    @NullWhenEmpty public List<String> groupAdd = List.of();
    public String ipcMode = "";
    public String cgroup = "";
    @NullWhenEmpty public List<String> links = List.of();
    public int oomScoreAdj;
    public String pidMode = "";
    public boolean privileged;
    public boolean publishAllPorts;
    public boolean readonlyRootfs;
    @NullWhenEmpty public List<String> securityOpt = List.of();
    @OmitEmpty public Map<String, String> storageOpt = Map.of();
    /** Path to mount options. */
    @OmitEmpty public Map<String, String> tmpfs = Map.of();
    @WireName("UTSMode") public String utsMode = "";
    public String usernsMode = "";
    public long shmSize;
    @OmitEmpty public Map<String, String> sysctls = Map.of();
    public String runtime = "";
    public String isolation = "";

    public long cpuShares;
    public long memory;
    public long nanoCpus;
    public String cgroupParent = "";
    public int blkioWeight;
    public List<BlkioDevice.Weight> blkioWeightDevice = List.of();
    public List<BlkioDevice.Rate> blkioDeviceReadBps = List.of();
    public List<BlkioDevice.Rate> blkioDeviceWriteBps = List.of();
    @WireName("BlkioDeviceReadIOps") public List<BlkioDevice.Rate> blkioDeviceReadIops = List.of();
    @WireName("BlkioDeviceWriteIOps") public List<BlkioDevice.Rate> blkioDeviceWriteIops = List.of();
    public long cpuPeriod;
    public long cpuQuota;
    public long cpuRealtimePeriod;
    public long cpuRealtimeRuntime;
    public String cpusetCpus = "";
    public String cpusetMems = "";
    public List<DeviceMapping> devices = List.of();
    @NullWhenEmpty public List<String> deviceCgroupRules = List.of();
    @NullWhenEmpty public List<DeviceRequest> deviceRequests = List.of();
    @OmitEmpty public long kernelMemory;
    @OmitEmpty @WireName("KernelMemoryTCP") public long kernelMemoryTcp;
    public long memoryReservation;
    public long memorySwap;
    public Long memorySwappiness;
    public Boolean oomKillDisable;
    public Long pidsLimit;
    public List<Ulimit> ulimits = List.of();
    public long cpuCount;
    public long cpuPercent;
    @WireName("IOMaximumIOps") public long ioMaximumIops;
    @WireName("IOMaximumBandwidth") public long ioMaximumBandwidth;

    @OmitEmpty public List<Mount> mounts = List.of();
    /** Null lets the engine choose its defaults; an empty list masks nothing. */
    @JsonSetter(nulls = Nulls.SET) public List<String> maskedPaths;
    /** Null lets the engine choose its defaults; an empty list protects nothing. */
    @JsonSetter(nulls = Nulls.SET) public List<String> readonlyPaths;
    @OmitEmpty public Boolean init;

    /** A copy with some fields changed: {@code config.with(c -> c.runtime = "berth")}. */
    public HostConfig with(Consumer<HostConfig> change) {
        HostConfig copy = clone();
        change.accept(copy);
        return copy;
    }

    /** The JSON names of the fields that the client set to something else than their zero value. */
    public List<String> given() {
        return GivenFields.of(this, new HostConfig());
    }

    @Override
    protected HostConfig clone() {
        try {
            return (HostConfig) super.clone();
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
