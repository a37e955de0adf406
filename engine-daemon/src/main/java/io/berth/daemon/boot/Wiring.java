package io.berth.daemon.boot;

import io.berth.api.ApiRoutes;
import io.berth.api.http.ApiServer;
import io.berth.api.http.Endpoint;
import io.berth.api.http.Router;
import io.berth.api.http.ServerOptions;
import io.berth.daemon.container.ContainerEngine;
import io.berth.daemon.container.InitProgram;
import io.berth.daemon.dns.ContainerNames;
import io.berth.daemon.exec.ExecEngine;
import io.berth.daemon.image.ImagePulls;
import io.berth.daemon.image.ImagePushes;
import io.berth.daemon.image.ImageService;
import io.berth.daemon.image.ImageViews;
import io.berth.daemon.image.VerifyService;
import io.berth.daemon.network.NetworkService;
import io.berth.daemon.network.Networks;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.registry.RegistryAccess;
import io.berth.daemon.registry.RegistryFacts;
import io.berth.daemon.registry.RegistryService;
import io.berth.daemon.system.EngineIdentity;
import io.berth.daemon.system.EventFile;
import io.berth.daemon.system.EventLog;
import io.berth.daemon.system.Failures;
import io.berth.daemon.system.SystemService;
import io.berth.daemon.volume.VolumeService;
import io.berth.daemon.volume.Volumes;
import io.berth.daemon.volume.plugin.VolumePlugins;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperLauncher;
import io.berth.linux.keeper.KeeperSettings;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.BlockingCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.security.Capabilities;
import io.berth.linux.security.Capability;
import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.durable.DiskFiles;
import io.berth.store.durable.DurableFiles;
import io.berth.store.image.ImageEvents;
import io.berth.store.image.ImageReference;
import io.berth.store.image.ImageUsers;
import io.berth.store.registry.RegistrySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes every object of the daemon, by hand, from the bottom up: what a line needs has been made above it. Stopping goes
 * the other way, from the last thing started to the first.
 */
final class Wiring implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);
    /** Two hung file systems leave the engine answering, and starting containers that do not touch them. */
    private static final int PR_SET_DUMPABLE = 4;
    /** The keeper goes last when memory runs out: with it go the exit codes of everything. */
    private static final int NEVER_KILLED = -999;

    /** setpriority(2) of the calling thread, as Linux has it. */
    private static final int PRIO_PROCESS = 0;
    private static final int UNIMPORTANT = 10;
    private static final int WARM_UP_ROUNDS = 40;

    private final Settings settings;
    private final boolean rehearsal;
    /** What has to be stopped, the last started first. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final Kernel kernel = new JnrKernel();
    private final ServiceManager serviceManager = new ServiceManager(kernel, Optional.ofNullable(System.getenv("NOTIFY_SOCKET")));

    private Networks networks;
    private ImageStore store;
    private ContainerEngine containers;
    private ApiServer server;

    private Wiring(Settings settings, boolean rehearsal) {
        this.settings = settings;
        this.rehearsal = rehearsal;
    }

    /** Starts everything, or nothing: what had been started is stopped again when something cannot be. */
    static Wiring start(Settings settings) {
        return start(settings, false);
    }

    /** @param rehearsal whether the keeper, too, makes a cache for later starts */
    static Wiring start(Settings settings, boolean rehearsal) {
        Wiring wiring = new Wiring(settings, rehearsal);
        try {
            wiring.startAll();
            return wiring;
        } catch (RuntimeException failure) {
            try {
                wiring.close();
            } catch (RuntimeException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    private void startAll() {
        background("first-steps", () -> ContainerEngine.warmUp(kernel, 1));
        started(RootLock.take(settings.dataRoot()));
        started(Pidfile.write(settings.pidfile()));
        Clock clock = Clock.systemUTC();

        EventLog events = started(new EventLog(clock, new EventFile(settings.dataRoot().resolve("events.jsonl"))));

        kernel.call(SystemCall.PRCTL, Argument.of(PR_SET_DUMPABLE), Argument.NULL);
        kernel.call(SystemCall.UMASK, Argument.of(0022));
        makeDirectory(settings.execRoot());
        BlockingCalls blockingCalls = started(new BlockingCalls(kernel));
        DurableFiles files = new DiskFiles();
        // The keeper is a JVM of its own, whose start takes as long as all of the rest.
        CompletableFuture<KeeperClient> keeperStart = CompletableFuture.supplyAsync(() -> new KeeperLauncher(kernel, keeperSettings()).connectOrStart());
        CgroupTree cgroups = started(CgroupTree.open(kernel, named("berth")));
        ContainerNames names = started(ContainerNames.open(kernel, network -> networks.find(network), () -> await(keeperStart)));
        networks = started(Networks.open(kernel, networkNames(), files, settings.dataRoot(), settings.networks(), names));
        store = started(ImageStore.open(settings.dataRoot(), kernel, settings.imageBlobs(), image -> containers.users(image),
                (action, image, name, labels) -> publish(events, action, image, name, labels)));
        VolumePlugins plugins = VolumePlugins.ofMachine();
        Volumes volumes = started(Volumes.open(kernel, files, settings.dataRoot(), settings.execRoot(), plugins, (volume, action) ->
                events.publish("volume", action, volume.name().text(), Map.of("driver", volume.driver())), clock));
        KeeperClient keeper = started(await(keeperStart));
        containers = started(new ContainerEngine(kernel, blockingCalls, files, settings.dataRoot(), settings.execRoot(), store, volumes,
                networks, cgroups, keeper, events, new InitProgram(settings.initPath(), settings.init()),
                settings.containerLog(), settings.names(), settings.restartUnhealthy(), clock));
        started(() -> removeTracesUnlessUsed(keeper));
        ExecEngine execs = started(new ExecEngine(kernel, blockingCalls, files, settings.execRoot(), containers.entry(), keeper, clock));
        containers.takeOver(execs.takeOver(), execs.probe());

        EngineIdentity identity = EngineIdentity.of(settings.dataRoot(), settings.debug(), settings.containerLog().type());
        VolumeService volumeService = new VolumeService(volumes, events);
        Supplier<RegistrySettings> registrySettings = () -> settings.distribution().registries(System.getenv());
        RegistryAccess registries = started(new RegistryAccess(registrySettings));
        ImageService images = new ImageService(store, new ImageViews(store, image -> containers.users(image).stream()
                .map(ImageUsers.User::containerId).toList()), new ImagePulls(store, registries, settings.distribution()::transfers),
                new ImagePushes(store, registries, settings.distribution()::transfers), registrySettings, events,
                EngineIdentity.ENGINE_VERSION, clock);
        NetworkService networkService = new NetworkService(networks, containers.networkMembers(), events, clock);
        SystemService system = new SystemService(identity, new EngineCensus(containers.operations(), images, volumeService, plugins, store), events,
                new RegistryFacts(registrySettings), networks::warnings, clock);

        Router router = ApiRoutes.of(system, containers.operations(), execs.operations(), containers.fileOperations(), images,
                new RegistryService(registries), volumeService, networkService, new VerifyService(store, registries), Failures::translate);
        server = started(serve(router, blockingCalls));
    }

    private static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException failure) {
            throw new SettingsException("cannot make the directory " + directory + ": " + failure);
        }
    }

    private static <T> T await(CompletableFuture<T> part) {
        try {
            return part.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
        }
    }

    /**
     * What the first container would otherwise wait for, and what can be tidied up at leisure. On a thread of its own, after
     * the daemon serves.
     */
    void warmUp() {
        background("prepare", () -> {
            networks.prepare().forEach(LOG::warn);
            store.removeUnreferenced();
            store.reportMissing();
        });
        background("warm-up", () -> {
            kernel.call(SystemCall.SETPRIORITY, Argument.of(PRIO_PROCESS), Argument.NULL, Argument.of(UNIMPORTANT));
            ContainerEngine.warmUp(kernel, WARM_UP_ROUNDS);
        });
    }

    private static void background(String name, Runnable work) {
        Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                work.run();
            } catch (RuntimeException failure) {
                LOG.warn("preparing for the first container", failure);
            }
        });
    }

    /** The native library lies below the data root: /run is often mounted noexec. */
    private KeeperSettings keeperSettings() {
        KeeperSettings keeper = KeeperSettings.of(settings.execRoot(), settings.dataRoot().resolve("native"));
        if (rehearsal) {
            return keeper.makingCache();
        }
        return Capabilities.bounding().has(Capability.SYS_RESOURCE) ? keeper.withOomScore(NEVER_KILLED) : keeper;
    }

    private boolean isDefaultInstance() {
        return settings.instance().equals(Settings.DEFAULT_INSTANCE);
    }

    private String named(String name) {
        return isDefaultInstance() ? name : name + "-" + settings.instance();
    }

    private NetworkNames networkNames() {
        return isDefaultInstance() ? NetworkNames.ofDefaultInstance() : NetworkNames.ofInstance(settings.instance());
    }

    /** What moves between here and a registry is known there by its name alone, and so the reference tells of it. */
    private static void publish(EventLog events, ImageEvents.Action action, Digest image, String name, Map<String, String> labels) {
        Map<String, String> attributes = new LinkedHashMap<>(labels);
        boolean moved = action == ImageEvents.Action.PULL || action == ImageEvents.Action.PUSH;
        attributes.put("name", moved ? ImageReference.parse(name).familiarName() : name);
        events.publish("image", action.name().toLowerCase(Locale.ROOT), moved ? name : image.toString(), attributes);
    }

    /** A daemon that ends with no container running leaves nothing on the host. */
    private void removeTracesUnlessUsed(KeeperClient keeper) {
        if (containers.running() == 0) {
            networks.removeAll();
            keeper.shutdown(false);
        }
    }

    /** The last thing to start: who can connect finds everything in its place. */
    private ApiServer serve(Router router, BlockingCalls blockingCalls) {
        ServerOptions options = ServerOptions.of(EngineIdentity.OLDEST_API, EngineIdentity.API, EngineIdentity.ENGINE_VERSION);
        try {
            return ApiServer.start(Listening.endpoints(settings), options, router, blockingCalls);
        } catch (IOException failure) {
            throw new SettingsException(failure.getMessage());
        }
    }

    private <T extends AutoCloseable> T started(T part) {
        started.push(part);
        return part;
    }

    /** Where the API is served. */
    List<Endpoint> addresses() {
        return server.addresses();
    }

    void announceReady() {
        serviceManager.ready();
    }

    /** Stops what was started, all of it: a part that fails to stop does not keep the others running. */
    @Override
    public void close() {
        serviceManager.stopping();
        RuntimeException failures = new IllegalStateException("parts of the daemon did not stop");
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception failure) {
                failures.addSuppressed(failure);
            }
        }
        if (failures.getSuppressed().length > 0) {
            throw failures;
        }
    }
}
