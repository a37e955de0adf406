package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.network.Networks;
import io.berth.daemon.restart.BackOff;
import io.berth.daemon.restart.Supervision;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.cgroup.ContainerCgroup;
import io.berth.linux.cgroup.DeviceRules;
import io.berth.linux.cgroup.Join;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.keeper.LaunchRequest;
import io.berth.linux.keeper.LaunchResult;
import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.launch.ContainerLaunch;
import io.berth.linux.launch.LaunchPlan;
import io.berth.linux.launch.LaunchTable;
import io.berth.linux.launch.TableMemory;
import io.berth.linux.mount.MountSpec;
import io.berth.linux.mount.PreparedTree;
import io.berth.linux.mount.TreeSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a container: network, cgroup, file tree, streams, then one message to the keeper. Nothing here grows with the number
 * of containers, and nothing waits for a disk.
 */
final class ContainerStart {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerStart.class);

    /** A program that is not running by then hangs in a mount or in memory; the launch is given up. */
    static final Duration LAUNCH_DEADLINE = Duration.ofSeconds(60);

    private final Kernel kernel;
    private final RootFilesystem filesystems;
    private final ContainerMounts mounts;
    private final Networks networks;
    private final NetworkEntry entry;
    private final NameDefaults names;
    private final CgroupTree cgroups;
    private final KeeperClient keeper;
    private final Containers containers;
    private final ContainerEvents events;
    private final Links links;
    private final ProcessCompiler processes;
    private final InitProgram init;
    private final ProcessFiles processFiles;
    private final CgroupViews views;
    private final String staging;
    private final Consumer<Container> started;
    private final Clock clock;

    /**
     * @param staging an empty directory on which a container's root stands for a moment, in its own mount namespace
     * @param started told when a container's program runs; must not block
     */
    ContainerStart(Kernel kernel, RootFilesystem filesystems, ContainerMounts mounts, Networks networks, NetworkEntry entry, NameDefaults names,
            CgroupTree cgroups, KeeperClient keeper, Containers containers, ContainerEvents events, Links links, ProcessCompiler processes, InitProgram init, String staging,
            Consumer<Container> started, Clock clock) {
        this.kernel = kernel;
        this.filesystems = filesystems;
        this.mounts = mounts;
        this.networks = networks;
        this.entry = entry;
        this.names = names;
        this.cgroups = cgroups;
        this.keeper = keeper;
        this.containers = containers;
        this.events = events;
        this.links = links;
        this.processes = processes;
        this.init = init;
        this.views = new CgroupViews(cgroups.version());
        this.processFiles = new ProcessFiles(kernel);
        this.staging = staging;
        this.started = started;
        this.clock = clock;
    }

    /**
     * Returns when the program runs. The caller holds the container's lifecycle.
     *
     * @throws ApiException not modified, when it runs already or will by itself
     * @throws StartFailure when the program could not be started. Whatever went wrong, the container remembers it, the clients
     *     that waited for the start are let go, and nothing that was made for it is left
     */
    void start(Container container) {
        ContainerState before = container.state();
        switch (before) {
            case ContainerState.Running ignored -> throw ApiException.notModified();
            case ContainerState.Restarting ignored -> throw ApiException.notModified();
            case ContainerState.Paused ignored -> throw ApiException.conflict("cannot start a paused container, try unpause instead");
            case ContainerState.Removing ignored -> throw ApiException.conflict("container is marked for removal and cannot be started");
            case ContainerState.Dead ignored -> throw ApiException.conflict("container is dead and cannot be started: remove it");
            case ContainerState.Created ignored -> { }
            case ContainerState.Exited ignored -> { }
        }
        container.refusal().ifPresent(reason -> {
            throw ApiException.invalid("container " + container.name() + " cannot be started by this version of berth: " + reason);
        });
        container.supervise(Supervision.FRESH);
        container.backOff(BackOff.NONE);
        startFrom(before, container);
        if (container.spec().ending().restart().restarts()) {
            containers.changedDurably(container); // that it is to be up is remembered when the machine is started again
        }
    }

    /** The same for a container that waits for its next start. */
    void again(Container container) {
        if (container.state() instanceof ContainerState.Restarting waiting) {
            startFrom(waiting, container);
        }
    }

    private void startFrom(ContainerState before, Container container) {
        try {
            run(container, before);
        } catch (RuntimeException failure) {
            mounts.unmount(container, container.id().hex());
            events.volumes(container, "unmount");
            failed(container, before, failure);
            throw failure;
        }
    }

    private void run(Container container, ContainerState before) {
        events.volumes(container, "mount");
        ContainerSpec spec = links.required(container);
        NetworkEntry.Entered network = entry.enter(container);
        Failpoint.START_CONNECTED.reach();
        container.sandbox(network.sandbox());
        containers.changed(container); // a daemon that is killed now finds the addresses of what it started
        Failpoint.START_ADDRESS_RECORDED.reach();
        events.networks(container, "connect");
        try (network) {
            int pid = launchInCgroup(container, spec, network, before.generation() + 1);
            Failpoint.START_LAUNCHED.reach();
            container.change(before, new ContainerState.Running(before.generation() + 1, pid, clock.instant()));
            containers.changed(container);
            Failpoint.START_RECORDED.reach();
            events.publish(container, "start");
            started.accept(container);
            networks.prepareNamespaces();
            container.takePending().forEach(late -> attach(container, late));
        } catch (RuntimeException failure) {
            if (!container.state().isRunning()) {
                undo(failure, () -> disconnect(container));
            }
            throw failure;
        }
    }

    private void disconnect(Container container) {
        container.sandbox().ifPresent(networks::disconnect);
        events.networks(container, "disconnect");
        container.sandbox(Optional.empty());
    }

    private int launchInCgroup(Container container, ContainerSpec spec, NetworkEntry.Entered network, long generation) {
        String id = container.id().hex();
        filesystems.createIfLost(container.id());
        InitProgram.Added started = init.to(spec, files(container, spec, network));
        ContainerCgroup cgroup = cgroups.create(id, spec.limits(),
                spec.rights().privileged() ? DeviceRules.EVERYTHING : DeviceRules.STANDARD);
        Failpoint.START_CGROUP_MADE.reach();
        try (Join join = cgroup.join(); PreparedTree tree = filesystems.prepare(container, started.mounts(), views.of(cgroup))) {
            Failpoint.START_TREE_PREPARED.reach();
            return launch(container, started.spec(), network, join, tree, generation);
        } catch (RuntimeException failure) {
            undo(failure, cgroup::killAll); // a launch that was given up may come to life yet
            undo(failure, () -> cgroups.remove(id));
            throw failure;
        }
    }

    /** Whoever has another container's network has its names, too. */
    private List<MountSpec> files(Container container, ContainerSpec spec, NetworkEntry.Entered network) {
        NetworkFiles files = new NetworkFiles(filesystems.directory(network.owner().id()));
        return network.owner() == container ? files.write(spec, network.sandbox(), links.hosts(container), names) : files.written(spec);
    }

    private static void undo(RuntimeException failure, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
    }

    private int launch(Container container, ContainerSpec spec, NetworkEntry.Entered network, Join join, PreparedTree tree, long generation) {
        ContainerUser user = processes.user(spec, tree.root());
        try (Pipework streams = Pipework.lay(kernel, spec.streams(), tree.terminals().orElse(tree.root()), true,
                user.credentials().uid())) {
            LaunchPlan plan = plan(spec, network, join, tree, streams, user).plan();
            LaunchTable table = plan.compile();
            List<PendingAttachment> clients = container.takePending();
            try (Fd memory = table.toMemory(kernel); TableMemory results = new TableMemory(kernel, memory)) {
                LaunchRequest request = streams.request(container.id().hex(), generation, table, memory,
                        clients.stream().map(PendingAttachment::attachment).toList(), log(container));
                return switch (keeper.launch(request, LAUNCH_DEADLINE)) {
                    case LaunchResult.Started(int pid) -> pid;
                    case LaunchResult.Failed(int step, Errno errno) -> throw processes.failure(spec.program().command().getFirst(), plan,
                            results, step, errno);
                };
            } finally {
                clients.forEach(PendingAttachment::close);
            }
        }
    }

    private ContainerLaunch plan(ContainerSpec spec, NetworkEntry.Entered network, Join join, PreparedTree tree, Pipework streams,
            ContainerUser user) {
        long namespaces = LaunchPlan.CLONE_NEWPID | LaunchPlan.CLONE_NEWIPC | LaunchPlan.CLONE_NEWUTS | views.namespace();
        Optional<String> domainname = Optional.of(spec.host().domainname()).filter(name -> !name.isEmpty());
        return new ContainerLaunch(tree.root(), staging, tree.mounts(), spec.files().readOnlyRoot(),
                processFiles.present(spec.files().maskedPaths(), tree.mounts()),
                List.copyOf(processFiles.present(spec.files().readOnlyPaths(), tree.mounts()).keySet()),
                spec.program().sysctls(), join, network.namespace(), namespaces, Optional.of(network.owner().spec().host().hostname()), domainname,
                streams.stdio(), processes.compile(spec, user), streams.started());
    }

    /** A keeper from before there were json-files writes a spool instead. */
    private LogOptions log(Container container) {
        ContainerSpec.LogLimits limits = container.spec().log();
        String spool = filesystems.log(container.id()).toString();
        return switch (limits.driver()) {
            case JSON_FILE -> new LogOptions(spool, filesystems.jsonLog(container.id()).toString(), LogAttributes.of(container),
                    limits.segmentBytes(), limits.segments());
            case LOCAL -> new LogOptions(spool, limits.segmentBytes(), limits.segments());
            case NONE -> LogOptions.none();
        };
    }

    /** For a client that came while the launch was under way. The container runs, whatever becomes of the client. */
    private void attach(Container container, PendingAttachment late) {
        try {
            late.handOver(keeper, container.id());
        } catch (KeeperException refused) {
            LOG.warn("a client of container {} could not be attached", container.id().shortForm(), refused);
        }
    }

    /** The container stays as it was, and knows why it did not start. */
    private void failed(Container container, ContainerState before, RuntimeException failure) {
        int exitCode = failure instanceof StartFailure start ? start.exitCode() : StartFailure.NOT_STARTED;
        ContainerState after = before.afterFailedStart(exitCode, String.valueOf(failure.getMessage()));
        if (container.change(before, after)) {
            undo(failure, () -> containers.changed(container));
            container.takePending().forEach(PendingAttachment::close);
            if (before.isUp()) {
                container.announceExit(exitCode); // to those who waited for the end of the next run
            }
        }
    }
}
