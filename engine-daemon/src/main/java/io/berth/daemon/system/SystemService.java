package io.berth.daemon.system;

import io.berth.api.system.DiskUsageType;
import io.berth.api.system.EventSubscription;
import io.berth.api.system.EventsRequest;
import io.berth.api.system.PingAnswer;
import io.berth.api.system.SystemOperations;
import io.berth.api.wire.system.DiskUsage;
import io.berth.api.wire.system.InfoResponse;
import io.berth.api.wire.system.VersionResponse;
import io.berth.daemon.registry.RegistryFacts;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Answers for the engine as a whole: what it is, what it runs on, how much it holds, what happens. */
public final class SystemService implements SystemOperations {

    /** The name of the one way containers are started here, where clients expect the name of an OCI runtime. */
    public static final String RUNTIME = "berth";

    private final EngineIdentity identity;
    private final Census census;
    private final EventLog events;
    private final RegistryFacts registries;
    private final HostFacts host;
    private final Supplier<List<String>> warnings;
    private final Clock clock;

    /** @param warnings what is wrong with the host, looked up each time somebody asks for information */
    public SystemService(EngineIdentity identity, Census census, EventLog events, RegistryFacts registries, Supplier<List<String>> warnings, Clock clock) {
        this(identity, census, events, registries, new HostFacts(Path.of("/")), warnings, clock);
    }

    SystemService(EngineIdentity identity, Census census, EventLog events, RegistryFacts registries, HostFacts host, Supplier<List<String>> warnings,
            Clock clock) {
        this.identity = identity;
        this.census = census;
        this.events = events;
        this.registries = registries;
        this.host = host;
        this.warnings = warnings;
        this.clock = clock;
    }

    @Override
    public PingAnswer ping() {
        return new PingAnswer(1);
    }

    @Override
    public VersionResponse version() {
        String built = identity.builtAt().truncatedTo(ChronoUnit.SECONDS).toString();
        Map<String, String> details = Map.of(
                "ApiVersion", EngineIdentity.API.toString(), "MinAPIVersion", EngineIdentity.OLDEST_API.toString(),
                "Arch", HostFacts.platform(), "Os", "linux", "KernelVersion", host.kernelVersion(), "BuildTime", built,
                "Experimental", "false", "GitCommit", EngineIdentity.REVISION, "GoVersion", EngineIdentity.java());
        return new VersionResponse(new VersionResponse.Platform("Berth " + EngineIdentity.VERSION),
                List.of(new VersionResponse.Component("Engine", EngineIdentity.ENGINE_VERSION, details),
                        new VersionResponse.Component("berth", EngineIdentity.VERSION, Map.of("GitCommit", EngineIdentity.REVISION))),
                EngineIdentity.ENGINE_VERSION, EngineIdentity.API.toString(), EngineIdentity.OLDEST_API.toString(), EngineIdentity.REVISION,
                EngineIdentity.java(), "linux", HostFacts.platform(), host.kernelVersion(), false, built);
    }

    @Override
    public InfoResponse info() {
        InfoResponse info = new InfoResponse();
        describeEngine(info);
        describeHost(info);
        describeLimits(info);
        registries.describe(info);
        info.warnings = warnings.get();
        return info;
    }

    private void describeEngine(InfoResponse info) {
        info.id = identity.id();
        Census.Containers containers = census.containers();
        info.containers = containers.total();
        info.containersRunning = containers.running();
        info.containersPaused = containers.paused();
        info.containersStopped = containers.stopped();
        info.images = census.images();
        info.driverStatus = List.of(List.of("Backing Filesystem", HostFacts.fileSystem(identity.dataRoot())), List.of("Supports d_type", "true"));
        info.plugins = new InfoResponse.Plugins(census.volumeDrivers(), List.of("bridge", "host", "ipvlan", "macvlan", "null"), List.of(),
                List.of("json-file", "local"));
        info.loggingDriver = identity.logDriver();
        info.debug = identity.debug();
        info.systemTime = clock.instant().toString();
        info.eventListeners = events.listeners();
        info.dockerRootDir = identity.dataRoot().toString();
        info.serverVersion = EngineIdentity.ENGINE_VERSION;
        info.runtimes = Map.of(RUNTIME, new InfoResponse.Runtime("berthd"));
        info.defaultRuntime = RUNTIME;
        // Containers outlive the daemon always; the reference calls that live restore.
        info.liveRestoreEnabled = true;
        info.firewallBackend = new InfoResponse.FirewallBackend("nftables");
    }

    private void describeHost(InfoResponse info) {
        info.openFiles = host.openFiles();
        info.threads = host.threads();
        info.kernelVersion = host.kernelVersion();
        info.operatingSystem = host.operatingSystem();
        info.osVersion = host.operatingSystemVersion();
        info.architecture = HostFacts.machine();
        info.cpus = Runtime.getRuntime().availableProcessors();
        info.memTotal = host.memory();
        info.name = host.hostName();
        info.ipv4Forwarding = host.forwardsIpv4();
        info.securityOptions = host.securityOptions();
    }

    /** What can be limited: what this kernel can do and this engine asks of it. */
    private void describeLimits(InfoResponse info) {
        Set<String> controllers = host.cgroupControllers();
        info.cgroupVersion = host.hasUnifiedCgroups() ? "2" : "1";
        info.memoryLimit = controllers.contains("memory");
        info.swapLimit = info.memoryLimit && host.canLimitSwap();
        info.cpuCfsPeriod = controllers.contains("cpu");
        info.cpuCfsQuota = controllers.contains("cpu");
        info.cpuShares = controllers.contains("cpu");
        info.cpuSet = controllers.contains("cpuset");
        info.pidsLimit = controllers.contains("pids");
    }

    @Override
    public DiskUsage diskUsage(Set<DiskUsageType> types) {
        return census.diskUsage(types);
    }

    @Override
    public EventSubscription subscribe(EventsRequest request) {
        return events.subscribe(request.since(), request.until(), new EventFilter(request.filters()));
    }
}
