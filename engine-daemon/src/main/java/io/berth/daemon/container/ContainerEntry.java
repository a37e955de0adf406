package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.linux.cgroup.CgroupException;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.cgroup.ContainerCgroup;
import io.berth.linux.cgroup.Join;
import io.berth.linux.file.BytePath;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.keeper.Attachment;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.keeper.LaunchRequest;
import io.berth.linux.keeper.LaunchResult;
import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.launch.ExecLaunch;
import io.berth.linux.launch.LaunchPlan;
import io.berth.linux.launch.LaunchTable;
import io.berth.linux.launch.TableMemory;
import io.berth.linux.security.Capabilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The way into containers that run, for further processes. The keeper launches those as it does a container's first process;
 * they have no log, and they end with the container, because its pid namespace does.
 */
public final class ContainerEntry {

    /** A program that is not running by then hangs in a lookup or in memory; the launch is given up. */
    private static final Duration LAUNCH_DEADLINE = Duration.ofSeconds(60);
    /** linux/magic.h. */
    private static final long DEVPTS_SUPER_MAGIC = 0x1cd1;
    private static final int SIZE_OF_STATFS = 120;
    /** An exec is started once. */
    private static final long GENERATION = 1;
    private static final int SIGKILL = 9;

    private final Kernel kernel;
    private final Containers containers;
    private final CgroupTree cgroups;
    private final ProcessCompiler processes;
    private final KeeperClient keeper;
    private final ContainerEvents events;
    private final Links links;

    ContainerEntry(Kernel kernel, Containers containers, CgroupTree cgroups, ProcessCompiler processes, KeeperClient keeper, ContainerEvents events,
            Links links) {
        this.kernel = kernel;
        this.containers = containers;
        this.cgroups = cgroups;
        this.processes = processes;
        this.keeper = keeper;
        this.events = events;
        this.links = links;
    }

    /**
     * The container that a client means by an id, a name or the beginning of an id.
     *
     * @throws ApiException not found; conflict when no process can be started in it now
     */
    public RunningContainer resolve(String text) {
        Container container = containers.resolve(text);
        requireReady(container, text);
        return new RunningContainer(container, container.state().generation());
    }

    /** A run of a container, whether it is over or not; empty when the container is gone. */
    public Optional<RunningContainer> find(String id, long generation) {
        return containers.find(id).map(container -> new RunningContainer(container, generation));
    }

    /** @throws ApiException conflict, when no process can be started in it now */
    public void requireReady(RunningContainer place) {
        requireReady(place.container(), place.id());
        if (!place.isRunning()) {
            throw notRunning(place.container());
        }
    }

    private static void requireReady(Container container, String name) {
        switch (container.state()) {
            case ContainerState.Running ignored -> { }
            case ContainerState.Paused ignored -> throw ApiException.conflict("Container " + name + " is paused, unpause the container before exec");
            case ContainerState.Restarting ignored -> throw ApiException.conflict("Container " + container.id()
                    + " is restarting, wait until the container is running");
            case ContainerState.Created ignored -> throw notRunning(container);
            case ContainerState.Exited ignored -> throw notRunning(container);
            case ContainerState.Removing ignored -> throw notRunning(container);
            case ContainerState.Dead ignored -> throw notRunning(container);
        }
    }

    private static ApiException notRunning(Container container) {
        return ApiException.conflict("container " + container.id() + " is not running");
    }

    /** Inspecting the container shows an exec from now on, until {@link #leave} or the end of this run. */
    public void enter(RunningContainer place, String exec) {
        if (place.isRunning()) {
            place.container().execs().add(exec);
        }
    }

    public void leave(RunningContainer place, String exec) {
        place.container().execs().remove(exec);
    }

    /** Tells of an exec as one of the container's events. */
    public void publish(RunningContainer place, String action, Map<String, String> attributes) {
        events.publish(place.container(), action, attributes);
    }

    /** The same, only to those who listen now. */
    public void announce(RunningContainer place, String action, Map<String, String> attributes) {
        events.announce(place.container(), action, attributes);
    }

    /**
     * Keys as a client writes them, {@code ctrl-p,ctrl-q} or {@code a,ctrl-x}; without any, those that detach by default.
     *
     * @throws ApiException invalid
     */
    public static byte[] detachKeys(String text) {
        return ContainerAttach.detachKeys(Optional.of(text));
    }

    /** @throws ApiException invalid, when a process cannot be given these words */
    public static void requireWords(ExecProcess process) {
        SpecCompiler.requireNoNul("the command", process.command());
        SpecCompiler.requireNoNul("the environment", process.environment());
    }

    /** @throws UnknownUserException when the container does not know the user */
    public void requireUser(RunningContainer place, ExecProcess process) {
        try (Place entered = enter(place)) {
            user(place.container().spec(), process, entered.root);
        }
    }

    /**
     * Starts a process. Returns when its program runs; its exit is announced by the keeper under {@code key}.
     *
     * @param clients connected before the first byte of output; their sockets stay the caller's
     * @return its process id on the host
     * @throws ExecFailure when the program could not be started; clients have been told nothing and are still connected
     * @throws ApiException conflict, when the container has ended meanwhile
     */
    public int launch(RunningContainer place, String key, ExecProcess process, List<Attachment> clients) {
        if (!process.workingDirectory().isEmpty() && !process.workingDirectory().startsWith("/")) {
            throw new ExecFailure(StartFailure.NOT_STARTED, "Cwd must be an absolute path");
        }
        try (Place entered = enter(place); Join join = cgroups.existing(place.id()).join()) {
            return launch(place.container(), key, process, clients, entered, join);
        } catch (SystemCallException | CgroupException failure) {
            if (!place.isRunning()) {
                throw notRunning(place.container());
            }
            throw failure;
        }
    }

    private int launch(Container container, String key, ExecProcess process, List<Attachment> clients, Place entered, Join join) {
        ContainerSpec spec = links.current(container);
        ContainerUser user = user(spec, process, entered.root);
        ContainerSpec.Streams wanted = new ContainerSpec.Streams(process.tty(), process.openStdin(), true, process.rows(), process.columns());
        try (Fd terminals = process.tty() ? terminals(entered.root) : new FileCalls(kernel).duplicate(entered.root);
                Pipework streams = Pipework.lay(kernel, wanted, terminals, false, user.credentials().uid())) {
            Capabilities capabilities = process.privileged() ? Capabilities.bounding() : spec.rights().capabilities();
            LaunchPlan plan = new ExecLaunch(entered.first, join, streams.stdio(),
                    processes.compile(spec, program(spec, process), capabilities, user), streams.started()).plan();
            LaunchTable table = plan.compile();
            try (Fd memory = table.toMemory(kernel); TableMemory results = new TableMemory(kernel, memory)) {
                return switch (launch(streams.request(key, GENERATION, table, memory, clients, LogOptions.none()))) {
                    case LaunchResult.Started(int pid) -> pid;
                    case LaunchResult.Failed(int step, Errno errno) -> throw failure(container, process, plan, results, step, errno);
                };
            }
        }
    }

    /** A launch that is given up may come to life yet, in a container that goes on: with the signal it dies of that. */
    private LaunchResult launch(LaunchRequest request) {
        try {
            return keeper.launch(request, LAUNCH_DEADLINE);
        } catch (KeeperException failure) {
            if (failure.kind() == KeeperException.Kind.TIMEOUT) {
                try {
                    keeper.signal(request.key(), SIGKILL);
                } catch (KeeperException second) {
                    failure.addSuppressed(second);
                }
            }
            throw failure;
        }
    }

    private ContainerUser user(ContainerSpec spec, ExecProcess process, Fd root) {
        String name = process.user().isEmpty() ? spec.program().user() : process.user();
        return ContainerUser.find(kernel, RootedDirectory.container(kernel, root), name, spec.program().groups());
    }

    private static ContainerSpec.Program program(ContainerSpec spec, ExecProcess process) {
        ContainerSpec.Program first = spec.program();
        return new ContainerSpec.Program(process.command(), environment(spec, process), workingDirectory(spec, process), process.user(), first.groups(),
                first.limits(), first.oomScoreAdjustment(), Map.of(), Optional.of(false));
    }

    private static String workingDirectory(ContainerSpec spec, ExecProcess process) {
        return process.workingDirectory().isEmpty() ? spec.program().workingDirectory() : process.workingDirectory();
    }

    /** The container's, with {@code TERM} by this process's terminal; what the client gives comes last and replaces. */
    private static List<String> environment(ContainerSpec spec, ExecProcess process) {
        Map<String, String> variables = new LinkedHashMap<>();
        List<String> all = new ArrayList<>(spec.program().environment());
        if (process.tty() && all.stream().noneMatch(variable -> variable.startsWith("TERM="))) {
            all.add("TERM=xterm");
        }
        all.addAll(process.environment());
        for (String variable : all) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable);
            } else {
                variables.remove(variable);
            }
        }
        return List.copyOf(variables.values());
    }

    private RuntimeException failure(Container container, ExecProcess process, LaunchPlan plan, TableMemory results, int step, Errno errno) {
        LaunchPlan.Step failed = plan.steps().get(step);
        if (ExecLaunch.meansContainerEnded(failed, errno)) {
            return notRunning(container);
        }
        if (ExecLaunch.entersWorkingDirectory(failed)) {
            return new ExecFailure(errno == Errno.ENOENT || errno == Errno.ENOTDIR ? 127 : 126, "unable to start container process: chdir to cwd (\""
                    + workingDirectory(container.spec(), process) + "\") set in config.json failed: " + errno.text());
        }
        StartFailure known = processes.failure(process.command().getFirst(), plan, results, step, errno);
        return new ExecFailure(known.exitCode(), "unable to start container process: " + known.reason());
    }

    /** Descriptors of a container's first process and of its root. */
    private record Place(Fd first, Fd root) implements AutoCloseable {
        @Override
        public void close() {
            root.close();
            first.close();
        }
    }

    /**
     * The number of a process that has ended may be another's by now, one of the host even. What is in the container's cgroup is
     * the container's; and as long as it lives, its number was its own all the while.
     */
    private Place enter(RunningContainer place) {
        int pid = place.container().state().currentRun().orElseThrow(() -> notRunning(place.container())).pid();
        Fd first = null;
        Fd root = null;
        try {
            first = kernel.open(SystemCall.PIDFD_OPEN, Argument.of(pid), Argument.NULL);
            root = new FileCalls(kernel).open("/proc/" + pid + "/root", FileCalls.O_PATH | FileCalls.O_DIRECTORY, 0);
            boolean inside = isIn(pid, cgroups.existing(place.id()));
            kernel.call(SystemCall.PIDFD_SEND_SIGNAL, first, Argument.NULL, Argument.NULL, Argument.NULL);
            if (inside) {
                return new Place(first, root);
            }
        } catch (SystemCallException | IOException ended) {
            // It has ended, and the news is on its way.
        }
        for (Fd opened : new Fd[] {root, first}) {
            if (opened != null) {
                opened.close();
            }
        }
        throw notRunning(place.container());
    }

    private static boolean isIn(int pid, ContainerCgroup cgroup) throws IOException {
        return Files.readString(Path.of("/proc", Integer.toString(pid), "cgroup")).contains(cgroup.path());
    }

    /** The container's devpts; what else a container may have put in its place is opened by nobody. */
    private Fd terminals(Fd root) {
        Fd found = RootedDirectory.container(kernel, root).open(BytePath.of("/dev/pts"), FileCalls.O_PATH | FileCalls.O_DIRECTORY);
        NativeBuffer status = NativeBuffer.allocate(SIZE_OF_STATFS);
        try {
            kernel.call(SystemCall.FSTATFS, found, status);
        } catch (SystemCallException failure) {
            found.close();
            throw failure;
        }
        if (status.bytes().getLong(0) != DEVPTS_SUPER_MAGIC) {
            found.close();
            throw new ExecFailure(StartFailure.NOT_STARTED, "unable to start container process: open a terminal: no devpts is mounted on /dev/pts");
        }
        return found;
    }
}
