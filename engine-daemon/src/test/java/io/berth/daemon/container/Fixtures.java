package io.berth.daemon.container;

import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.network.Networks;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.daemon.system.EventLog;
import io.berth.daemon.volume.VolumeName;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.keeper.Attachment;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Containers for tests, as the daemon would have made them. */
public final class Fixtures {

    public static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    public static final String IMAGE = "sha256:" + "1".repeat(64);

    private Fixtures() {
    }

    /** An id that begins with these digits. */
    public static ContainerId id(String beginning) {
        return new ContainerId(beginning + "0".repeat(64 - beginning.length()));
    }

    public static ContainerConfig config(Consumer<ContainerConfig> change) {
        ContainerConfig config = new ContainerConfig();
        config.image = "box";
        config.hostname = "box";
        config.cmd = List.of("true");
        change.accept(config);
        return config;
    }

    public static HostConfig host(Consumer<HostConfig> change) {
        return new HostConfig().with(host -> {
            host.networkMode = "bridge";
            change.accept(host);
        });
    }

    public static Definition definition(ContainerId id, String name, ContainerConfig config, HostConfig host) {
        return new Definition(id.hex(), name, NOON.toString(), IMAGE, config, host, Map.of());
    }

    public static ContainerSpec spec(Consumer<ContainerConfig> config, Consumer<HostConfig> host) {
        return new SpecCompiler().compile(definition(id("a"), "box", config(config), host(host)));
    }

    static Container container(ContainerId id, String name, Consumer<HostConfig> host) {
        Definition definition = definition(id, name, config(config -> { }), host(host));
        return new Container(definition, new SpecCompiler().compile(definition), new ContainerState.Created(0, ""), Optional.empty());
    }

    static Container container() {
        return container(id("a"), "box", host -> { });
    }

    /** One that waits for the start. */
    static PendingAttachment client(Kernel kernel) {
        Fd socket = new FileCalls(kernel).open("/dev/null", FileCalls.O_RDWR, 0);
        return new PendingAttachment(new Attachment(socket, 1, true, true, true, true, false, new byte[0], new byte[0]));
    }

    /** Where a volume's content is. */
    static String volume(VolumeName name) {
        return "/volumes/" + name + "/_data";
    }

    static ContainerState.Running running(long generation) {
        return new ContainerState.Running(generation, 4711, NOON);
    }

    static ContainerState.Exited exited(long generation, int exitCode) {
        return new ContainerState.Exited(generation, exitCode, false, NOON, NOON.plusSeconds(60), "");
    }

    /** Of a network that nobody asks about. */
    static final NetworkId BRIDGE = new NetworkId("b".repeat(64));

    /** What containers find names by where nobody says anything. */
    static final NameDefaults NAMES = new NameDefaults(ResolvConf.Wishes.NONE, List::of);

    static NetworkEntry entry(Kernel kernel, Networks networks, Containers containers) {
        return new NetworkEntry(networks, containers, new SpecCompiler(), new NamespaceDoor(kernel), NAMES);
    }

    static ContainerChanges changes(Containers containers, CgroupTree cgroups, ContainerEvents events) {
        return new ContainerChanges(containers, new SpecCompiler(), cgroups, events, renamed -> { });
    }

    static ContainerNetworks members(Kernel kernel, Networks networks, Containers containers, ContainerEvents events) {
        return new ContainerNetworks(containers, networks, new SpecCompiler(), (changed, before, after) -> { }, events, new NamespaceDoor(kernel)::open);
    }

    /** Events of containers whose networks nobody knows. */
    static ContainerEvents events(Clock clock) {
        return new ContainerEvents(new EventLog(clock), network -> Optional.empty(), volume -> "local");
    }
}
