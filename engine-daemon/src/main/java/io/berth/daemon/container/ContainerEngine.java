package io.berth.daemon.container;

import io.berth.api.container.ContainerOperations;
import io.berth.api.container.FileOperations;
import io.berth.api.wire.container.LogConfig;
import io.berth.daemon.network.NetworkMembers;
import io.berth.daemon.network.Networks;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.daemon.system.EngineIdentity;
import io.berth.daemon.system.EventLog;
import io.berth.daemon.volume.Volumes;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.kernel.BlockingCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.durable.DurableFiles;
import io.berth.store.image.ImageUsers;
import io.berth.store.image.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts that run containers, put together. What they need of the host is made before and closed after them. */
public final class ContainerEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerEngine.class);

    private final Containers containers;
    private final RootFilesystem filesystems;
    private final ContainerLogs logs;
    private final ContainerMounts mounts;
    private final ContainerService service;
    private final Restarts restarts;
    private final HealthChecks health;
    private final ContainerStop stop;
    private final FileService fileService;
    private final ContainerEntry entry;
    private final OomReports ooms;
    private final ContainerStats stats;
    private final Reconciler reconciler;
    private final Executor settling;
    private final Links links;
    private final ContainerNetworks members;

    /**
     * Reads the containers back; nothing runs and nothing is changed on the host until {@link #takeOver}.
     *
     * @param execRoot for what ends with the machine
     * @param init what {@code --init} makes the first process
     * @param engineLog where the output of containers goes unless they say otherwise
     * @param names what containers find names by that do not say otherwise
     * @param restartUnhealthy whether containers that do not say are started again when they are found unhealthy
     */
    public ContainerEngine(Kernel kernel, BlockingCalls blockingCalls, DurableFiles files, Path dataRoot, Path execRoot, ImageStore store, Volumes volumes,
            Networks networks, CgroupTree cgroups, KeeperClient keeper, EventLog log, InitProgram init, LogConfig engineLog,
            DaemonNames names, boolean restartUnhealthy, Clock clock) {
        settling = blockingCalls;
        SpecCompiler compiler = new SpecCompiler();
        ContainerEvents events = new ContainerEvents(log, networks::find, volumes::driver);
        FollowedLogs followed = new FollowedLogs();
        containers = Containers.open(files, dataRoot.resolve("containers.journal"), compiler);
        filesystems = new RootFilesystem(kernel, blockingCalls, image -> layers(store, image), volumes::ready, dataRoot,
                execRoot.resolve("scratch"));
        links = new Links(containers, filesystems::directory, compiler, networks.predefined(NetworkKind.BRIDGE).id());
        mounts = new ContainerMounts(volumes, store.images(), containers, dataRoot);
        logs = new ContainerLogs(kernel, filesystems, followed);
        ContainerRemoval removal = new ContainerRemoval(containers, filesystems, mounts, events, gone -> store.images().dropRetired());
        ProcessCompiler processes = new ProcessCompiler(kernel);
        health = new HealthChecks(containers, HealthLog.open(files, execRoot.resolve("health.journal"), containers), events, restartUnhealthy,
                blockingCalls, clock);
        ooms = new OomReports(containers, cgroups, events);
        NameDefaults defaults = new NameDefaults(new ResolvConf.Wishes(names.servers(), names.search(), names.options()),
                () -> names.hostGateways().isEmpty() ? gateways(networks) : names.hostGateways());
        NamespaceDoor namespaces = new NamespaceDoor(kernel);
        members = new ContainerNetworks(containers, networks, compiler, (container, before, after) -> follow(container, before, after, defaults), events,
                namespaces::open);
        ContainerStart start = new ContainerStart(kernel, filesystems, mounts, networks, new NetworkEntry(networks, containers, compiler, namespaces, defaults),
                defaults, cgroups, keeper, containers, events, links, processes, init,
                filesystems.staging().toString(), this::started, clock);
        restarts = new Restarts(containers, start, blockingCalls);
        ContainerPause pause = new ContainerPause(containers, cgroups, events);
        stop = new ContainerStop(keeper, containers, pause, restarts, events);
        ContainerCreation creation = new ContainerCreation(store.images(), containers, filesystems, compiler, new NetworkChoice(networks, containers),
                links, mounts, new VolumeFilling(kernel, filesystems, volumes), events, cgroups.support(), cgroups.version(), engineLog, clock);
        DiskSizes sizes = new DiskSizes(kernel, filesystems, store.images());
        ContainerViews views = new ContainerViews(filesystems, links, new NetworkViews(containers, kind -> networks.predefined(kind).id()), sizes,
                new MountViews(volumes::mountpoint, volumes::driver), clock);
        ContainerChanges changes = new ContainerChanges(containers, compiler, cgroups, events, members::renamed);
        stats = new ContainerStats(cgroups, clock);
        ContainerPrune prune = new ContainerPrune(containers, removal, sizes, log, clock);
        service = new ContainerService(containers, creation, start, stop, pause, changes, removal, links, prune, stats,
                new ContainerAttach(kernel, keeper, logs, events), logs, views, events, keeper, cgroups, blockingCalls);
        ContainerCommit commit = new ContainerCommit(store, filesystems, pause, events, EngineIdentity.ENGINE_VERSION);
        fileService = new FileService(kernel, containers, filesystems, new ContainerFiles(kernel, filesystems, mounts), commit, events, blockingCalls);
        entry = new ContainerEntry(kernel, containers, cgroups, processes, keeper, events, links);
        ContainerExits exits = new ContainerExits(containers, networks, cgroups, mounts, events, removal, restarts, ooms, followed, keeper,
                blockingCalls);
        reconciler = new Reconciler(containers, keeper, cgroups, networks, filesystems, exits, removal, restarts, pause, changes, ooms, members,
                namespaces, clock);
    }

    /** Its host, as containers reach it when nobody says otherwise. */
    private static List<String> gateways(Networks networks) {
        if (networks.predefined(NetworkKind.BRIDGE).ranges().isEmpty()) {
            networks.prepare();
        }
        return networks.predefined(NetworkKind.BRIDGE).ranges().stream().flatMap(range -> range.gateway().stream()).map(IpAddress::toString).toList();
    }

    private void follow(Container container, Sandbox before, Sandbox after, NameDefaults defaults) {
        try {
            new NetworkFiles(filesystems.directory(container.id())).follow(container.spec(), before, after, defaults);
        } catch (IOException failure) {
            LOG.warn("container {} does not know its new addresses by name: {}", container.id().shortForm(), failure.toString());
        }
    }

    /** A run has begun. */
    private void started(Container container) {
        ooms.begin(container);
        health.started(container);
        links.started(container);
    }

    /** Also of an image that was removed while a container uses it. */
    private static List<String> layers(ImageStore store, Digest image) {
        StoredImage stored = store.images().ofContainer(image).orElseThrow(() -> StoreException.corrupt("image " + image
                + " of a container is gone; load it again"));
        return store.lowerDirectories(stored).stream().map(Path::toString).toList();
    }

    /** Makes the first start as fast as the later ones; see {@link WarmUp}. Needs no engine. */
    public static void warmUp(Kernel kernel, int rounds) {
        new WarmUp(kernel, new SpecCompiler(), new ProcessCompiler(kernel)).run(rounds);
    }

    public ContainerOperations operations() {
        return service;
    }

    public FileOperations fileOperations() {
        return fileService;
    }

    /** The containers in the networks. */
    public NetworkMembers networkMembers() {
        return members;
    }

    /** The way in for further processes. */
    public ContainerEntry entry() {
        return entry;
    }

    /**
     * Takes over what runs already, deals with what has ended meanwhile, removes what nobody owns.
     *
     * @param execs told of the ends of further processes from now on
     * @param probe how the health of containers is probed from now on
     */
    public void takeOver(ExecEnds execs, HealthProbe probe) {
        containers.list().forEach(mounts::adopt);
        mounts.removeLost();
        health.begin(probe, stop::renew);
        reconciler.run(execs);
        settling.execute(mounts::settle);
        links.followAll();
    }

    /** The containers of an image. */
    public List<ImageUsers.User> users(Digest image) {
        return containers.list().stream().filter(container -> container.definition().uses(image))
                .map(container -> new ImageUsers.User(container.id().hex(), container.state().isRunning())).toList();
    }

    public long running() {
        return containers.list().stream().filter(container -> container.state().isUp()).count();
    }

    public long all() {
        return containers.list().size();
    }

    /** Containers go on running. */
    @Override
    public void close() {
        health.close();
        restarts.close();
        stats.close();
        ooms.close();
        logs.close();
        filesystems.close();
        containers.close();
    }
}
