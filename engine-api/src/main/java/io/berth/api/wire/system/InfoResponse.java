package io.berth.api.wire.system;

import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/** The answer of {@code GET /info}, in the reference's order. */
public final class InfoResponse {
    @WireName("ID") public String id = "";
    public int containers;
    public int containersRunning;
    public int containersPaused;
    public int containersStopped;
    public int images;
    public String driver = "overlay2";
    /** Pairs of a name and a value. */
    public List<List<String>> driverStatus = List.of();
    public Plugins plugins = new Plugins(List.of("local"), List.of(), List.of(), List.of());
    public boolean memoryLimit;
    public boolean swapLimit;
    @OmitEmpty @WireName("KernelMemoryTCP") public boolean kernelMemoryTcp;
    public boolean cpuCfsPeriod;
    public boolean cpuCfsQuota;
    @WireName("CPUShares") public boolean cpuShares;
    @WireName("CPUSet") public boolean cpuSet;
    public boolean pidsLimit;
    @WireName("IPv4Forwarding") public boolean ipv4Forwarding;
    public boolean debug;
    @WireName("NFd") public int openFiles;
    public boolean oomKillDisable;
    /** The reference counts goroutines; here threads. */
    @WireName("NGoroutines") public int threads;
    public String systemTime = "";
    public String loggingDriver = "json-file";
    public String cgroupDriver = "cgroupfs";
    @OmitEmpty public String cgroupVersion = "";
    @WireName("NEventsListener") public int eventListeners;
    public String kernelVersion = "";
    public String operatingSystem = "";
    @WireName("OSVersion") public String osVersion = "";
    @WireName("OSType") public String osType = "linux";
    public String architecture = "";
    public String indexServerAddress = "https://index.docker.io/v1/";
    public RegistryConfig registryConfig = RegistryConfig.ofDockerHub();
    @WireName("NCPU") public int cpus;
    /** Bytes. */
    public long memTotal;
    @NullWhenEmpty public List<Object> genericResources = List.of();
    public String dockerRootDir = "";
    public String httpProxy = "";
    public String httpsProxy = "";
    public String noProxy = "";
    public String name = "";
    public List<String> labels = List.of();
    public boolean experimentalBuild;
    public String serverVersion = "";
    public Map<String, Runtime> runtimes = Map.of();
    public String defaultRuntime = "";
    public Swarm swarm = new Swarm("", "", "inactive", false, "", List.of());
    public boolean liveRestoreEnabled;
    public String isolation = "";
    public String initBinary = "";
    public Commit containerdCommit = new Commit("");
    public Commit runcCommit = new Commit("");
    public Commit initCommit = new Commit("");
    public List<String> securityOptions = List.of();
    @OmitEmpty public String productLicense = "";
    @OmitEmpty public FirewallBackend firewallBackend;
    @WireName("CDISpecDirs") public List<String> cdiSpecDirs = List.of();
    @NullWhenEmpty public List<String> warnings = List.of();

    public record Plugins(List<String> volume, List<String> network, @NullWhenEmpty List<String> authorization, List<String> log) {
    }

    public record RegistryConfig(Map<String, Index> indexConfigs, @WireName("InsecureRegistryCIDRs") List<String> insecureRegistryCidrs,
                                 @NullWhenEmpty List<String> mirrors) {
        /** Of an engine that knows of docker.io alone. */
        public static RegistryConfig ofDockerHub() {
            return new RegistryConfig(Map.of("docker.io", new Index(List.of(), "docker.io", true, true)),
                    List.of("::1/128", "127.0.0.0/8"), List.of());
        }
    }

    public record Index(List<String> mirrors, String name, boolean official, boolean secure) {
    }

    public record Runtime(@WireName("path") String path) {
    }

    public record Swarm(@WireName("NodeID") String nodeId, String nodeAddr, String localNodeState, boolean controlAvailable,
                        String error, @NullWhenEmpty List<Object> remoteManagers) {
    }

    public record Commit(@WireName("ID") String id) {
    }

    public record FirewallBackend(String driver) {
    }
}
