package io.berth.daemon.container;

import io.berth.api.wire.GraphDriver;
import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.InspectContainer;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.Engine;
import io.berth.daemon.spec.Health;
import io.berth.daemon.spec.LogDriver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Containers as the API shows them. Reads snapshots and waits for nobody. */
final class ContainerViews {

    private final RootFilesystem filesystems;
    private final Links links;
    private final NetworkViews networks;
    private final DiskSizes sizes;
    private final MountViews mounts;
    private final Clock clock;

    ContainerViews(RootFilesystem filesystems, Links links, NetworkViews networks, DiskSizes sizes, MountViews mounts, Clock clock) {
        this.filesystems = filesystems;
        this.links = links;
        this.networks = networks;
        this.sizes = sizes;
        this.mounts = mounts;
        this.clock = clock;
    }

    InspectContainer inspect(Container container, boolean size) {
        Definition definition = container.definition();
        NetworkFiles files = new NetworkFiles(filesystems.directory(networks.owner(container).id()));
        List<String> command = container.spec().program().command();
        InspectContainer view = new InspectContainer();
        view.id = definition.id();
        view.created = definition.created();
        view.path = command.getFirst();
        view.args = command.subList(1, command.size());
        view.state = state(container.state());
        view.state.health = container.health().map(ContainerViews::health).orElse(null);
        view.state.oomKilled |= container.wasOomKilled(container.state().generation());
        view.image = definition.image();
        if (hasRun(container)) { // before that there are no such files
            view.resolvConfPath = files.resolvConf().toString();
            view.hostnamePath = files.hostname().toString();
            view.hostsPath = files.hosts().toString();
            view.logPath = container.spec().log().driver() == LogDriver.JSON_FILE ? filesystems.jsonLog(container.id()).toString() : "";
        }
        view.name = "/" + container.name();
        view.restartCount = container.supervision().restarts();
        view.driver = Engine.STORAGE_DRIVER;
        view.execIds = List.copyOf(container.execs());
        view.hostConfig = definition.hostConfig().with(host -> host.links = links.shown(container));
        view.graphDriver = graphDriver(container);
        view.mounts = mounts.of(definition.mounts());
        view.config = definition.config();
        view.networkSettings = networks.settings(container);
        if (size) {
            view.sizeRw = sizes.changes(container);
            view.sizeRootFs = view.sizeRw + sizes.image(container);
        }
        return view;
    }

    /** The ids of a container's networks that inspect shows. */
    List<NetworkId> networkIds(Container container) {
        return networks.shownIds(container);
    }

    private static boolean hasRun(Container container) {
        return container.state().generation() > 0;
    }

    private static InspectContainer.Health health(Health health) {
        return new InspectContainer.Health(health.status().word(), health.failingStreak(), health.log().stream()
                .map(probe -> new InspectContainer.Probe(probe.start().toString(), probe.end().toString(), probe.exitCode(), probe.output()))
                .toList());
    }

    /** What {@code docker ps} says after {@code Up 3 seconds}. */
    private static String health(Container container, ContainerState state) {
        return state instanceof ContainerState.Running ? container.health().map(health -> switch (health.status()) {
            case STARTING -> " (health: starting)";
            case HEALTHY -> " (healthy)";
            case UNHEALTHY -> " (unhealthy)";
        }).orElse("") : "";
    }

    private static InspectContainer.State state(ContainerState state) {
        InspectContainer.State view = new InspectContainer.State();
        fill(view, state);
        view.status = state.word();
        view.dead = state instanceof ContainerState.Dead;
        return view;
    }

    private static void fill(InspectContainer.State view, ContainerState state) {
        switch (state) {
            case ContainerState.Created(int exitCode, String error) -> {
                view.exitCode = exitCode;
                view.error = error;
            }
            case ContainerState.Running running -> {
                view.running = true;
                view.pid = running.pid();
                view.startedAt = running.startedAt().toString();
            }
            case ContainerState.Paused(ContainerState.Running run, boolean ignored) -> {
                fill(view, run);
                view.paused = true;
            }
            // As the reference: clients that wait for the end of "running" wait for the end of the restarts.
            case ContainerState.Restarting restarting -> {
                view.running = true;
                view.restarting = true;
                view.exitCode = restarting.exitCode();
                view.oomKilled = restarting.oomKilled();
                view.startedAt = restarting.startedAt().toString();
                view.finishedAt = restarting.finishedAt().toString();
            }
            case ContainerState.Exited exited -> {
                view.exitCode = exited.exitCode();
                view.oomKilled = exited.oomKilled();
                view.startedAt = exited.startedAt().toString();
                view.finishedAt = exited.finishedAt().toString();
                view.error = exited.error();
            }
            case ContainerState.Removing(ContainerState before) -> fill(view, before);
            case ContainerState.Dead(ContainerState before, String error) -> {
                fill(view, before);
                view.error = error;
            }
        }
    }

    private GraphDriver graphDriver(Container container) {
        Map<String, String> data = new TreeMap<>();
        data.put("ID", container.id().hex());
        data.put("LowerDir", String.join(":", filesystems.lower(container.definition().imageId())));
        data.put("UpperDir", filesystems.upper(container.id()).toString());
        data.put("WorkDir", filesystems.work(container.id()).toString());
        // The tree is mounted in the container's own namespace only.
        container.state().currentRun().ifPresent(run -> data.put("MergedDir", "/proc/" + run.pid() + "/root"));
        return new GraphDriver(data, Engine.STORAGE_DRIVER);
    }

    /** As {@code docker ps} lists them. */
    List<ContainerSummary> summaries(Stream<Container> listed, boolean size) {
        Map<String, List<String>> linkNames = links.names();
        return listed.map(container -> summary(container, linkNames.getOrDefault(container.id().hex(), List.of()), size)).toList();
    }

    private ContainerSummary summary(Container container, List<String> linkNames, boolean size) {
        Definition definition = container.definition();
        ContainerState state = container.state();
        HostConfig host = definition.hostConfig();
        long changes = size ? sizes.changes(container) : 0;
        return new ContainerSummary(definition.id(), names(container, linkNames), definition.config().image, definition.image(),
                commandLine(container), container.created().getEpochSecond(), networks.ports(container), changes,
                size ? changes + sizes.image(container) : 0, definition.config().labels, state.word(), status(state) + health(container, state),
                new ContainerSummary.Host(host.networkMode, host.annotations),
                new ContainerSummary.Networks(networks.summary(container)), mounts.of(definition.mounts()));
    }

    private static List<String> names(Container container, List<String> linkNames) {
        return Stream.concat(Stream.of("/" + container.name()), linkNames.stream()).sorted().toList();
    }

    /** As a person would type it; arguments with spaces in quotes. */
    private static String commandLine(Container container) {
        List<String> shown = new ArrayList<>();
        for (String argument : container.spec().program().command()) {
            shown.add(argument.isEmpty() || argument.contains(" ") ? "'" + argument.replace("'", "'\\''") + "'" : argument);
        }
        return String.join(" ", shown);
    }

    private String status(ContainerState state) {
        return switch (state) {
            case ContainerState.Created ignored -> "Created";
            case ContainerState.Running running -> "Up " + HumanTime.of(since(running.startedAt()));
            case ContainerState.Paused(ContainerState.Running run, boolean ignored) -> status(run) + " (Paused)";
            case ContainerState.Restarting restarting -> "Restarting (" + restarting.exitCode() + ") "
                    + HumanTime.of(since(restarting.finishedAt())) + " ago";
            case ContainerState.Exited exited -> "Exited (" + exited.exitCode() + ") " + HumanTime.of(since(exited.finishedAt())) + " ago";
            case ContainerState.Removing ignored -> "Removal In Progress";
            case ContainerState.Dead ignored -> "Dead";
        };
    }

    private Duration since(Instant time) {
        Duration elapsed = Duration.between(time, clock.instant());
        return elapsed.isNegative() ? Duration.ZERO : elapsed;
    }
}
