package io.berth.daemon.container;

import io.berth.api.container.CreateContainer;
import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.CreateContainerBody;
import io.berth.api.wire.container.CreateContainerResponse;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.LogConfig;
import io.berth.api.wire.container.RestartPolicy;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerMount;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.Engine;
import io.berth.daemon.spec.HostName;
import io.berth.daemon.spec.ImageDefaults;
import io.berth.daemon.spec.Link;
import io.berth.daemon.spec.LogDriver;
import io.berth.daemon.spec.NetworkMode;
import io.berth.daemon.spec.NetworkOptions;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.daemon.spec.Unsupported;
import io.berth.linux.cgroup.CgroupSupport;
import io.berth.linux.cgroup.LimitCheck;
import io.berth.linux.cgroup.Limits;
import io.berth.linux.security.ProtectedPaths;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Makes containers: everything is checked first, then directories, then one durable record makes the container visible. */
final class ContainerCreation {

    static final String NAME = "[a-zA-Z0-9][a-zA-Z0-9_.-]+";
    /** __NEW_UTS_LEN of linux/utsname.h. */
    private static final int LONGEST_HOSTNAME = 64;

    private final Images images;
    private final Containers containers;
    private final RootFilesystem filesystems;
    private final SpecCompiler compiler;
    private final NetworkChoice choice;
    private final Links links;
    private final ContainerMounts mounts;
    private final VolumeFilling filling;
    private final ContainerEvents events;
    private final CgroupSupport support;
    private final int cgroupVersion;
    private final LogConfig engineLog;
    private final Clock clock;
    private final Random random = new Random();

    /** @param engineLog where output goes unless the client says otherwise */
    ContainerCreation(Images images, Containers containers, RootFilesystem filesystems, SpecCompiler compiler, NetworkChoice choice, Links links,
            ContainerMounts mounts, VolumeFilling filling, ContainerEvents events, CgroupSupport support, int cgroupVersion, LogConfig engineLog, Clock clock) {
        this.images = images;
        this.containers = containers;
        this.filesystems = filesystems;
        this.compiler = compiler;
        this.choice = choice;
        this.links = links;
        this.mounts = mounts;
        this.filling = filling;
        this.events = events;
        this.support = support;
        this.cgroupVersion = cgroupVersion;
        this.engineLog = engineLog;
        this.clock = clock;
    }

    /** The image that a client means, as for a create, and those made from it; none when there is none or the text cannot be a name. */
    Set<Digest> imagesOf(String text) {
        try {
            return images.now().madeFrom(images.resolve(text).id());
        } catch (StoreException unknown) {
            return Set.of();
        }
    }

    CreateContainerResponse create(CreateContainer request) {
        CreateContainerBody body = request.body();
        Unsupported.refuse(body, cgroupVersion);
        request.name().ifPresent(ContainerCreation::checkName);
        if (body.image.isEmpty()) {
            throw ApiException.invalid("no image specified: create needs the name or id of an image");
        }
        StoredImage image = images.resolve(body.image);
        ImageConfig defaults = images.config(image.id());
        checkPlatform(request, defaults);
        ContainerId id = ContainerId.random();
        List<String> warnings = new ArrayList<>();
        ContainerConfig config = ImageDefaults.merge(body, defaults);
        HealthChecks.checkLabel(config.labels);
        HostConfig host = hostConfig(body.hostConfig, warnings);
        NetworkOptions.requireAddresses(host);
        NetworkChoice.Chosen chosen = choice.decide(body, config, warnings);
        host.networkMode = chosen.mode();
        nameHost(config, host, id);
        String name = reserve(request.name(), id);
        List<ContainerMount> decided = List.of();
        try {
            Failpoint.CREATE_NAMED.reach();
            List<Link> linked = links.decide(host);
            decided = mounts.decide(config, host, id, warnings);
            Failpoint.CREATE_VOLUMES_MADE.reach();
            Definition definition = new Definition(id.hex(), name, clock.instant().toString(), image.id().toString(), config,
                    host.with(shown -> shown.links = List.of()), chosen.networks(), decided, linked, false);
            Container container = new Container(definition, compiler.compile(definition), new ContainerState.Created(0, ""), Optional.empty());
            filesystems.create(id);
            filling.fill(id, image.id(), decided);
            Failpoint.CREATE_DIRECTORIES_MADE.reach();
            containers.created(container);
            Failpoint.CREATE_RECORDED.reach();
            refuseIfImageWent(container);
            events.publish(container, "create");
        } catch (RuntimeException failure) {
            containers.releaseName(name, id);
            mounts.letGo(decided, id, true);
            filesystems.remove(id);
            throw images.isKept(image.id()) ? failure : StoreException.notFound("No such image: " + body.image);
        }
        return new CreateContainerResponse(id.hex(), warnings);
    }

    /** Who removes an image asks for its containers first; from now on this one counts, but not before. */
    private void refuseIfImageWent(Container container) {
        try {
            if (!images.isKept(container.definition().imageId())) {
                throw StoreException.notFound("No such image: " + container.definition().image());
            }
            mounts.requireImages(container.definition().mounts());
        } catch (StoreException gone) {
            containers.removed(container);
            throw gone;
        }
    }

    static void checkName(String name) {
        String bare = name.startsWith("/") ? name.substring(1) : name;
        if (!bare.matches(NAME)) {
            throw ApiException.invalid("Invalid container name (" + name + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
    }

    private static void checkPlatform(CreateContainer request, ImageConfig image) {
        request.platform().filter(platform -> !platform.isEmpty()).ifPresent(platform -> {
            String[] parts = platform.split("/");
            if (!parts[0].equals(image.os()) || parts.length > 1 && !parts[1].equals(image.architecture())) {
                throw ApiException.notFound("image with reference " + request.body().image
                        + " was found but does not provide the specified platform (" + platform + ")");
            }
        });
    }

    private String reserve(Optional<String> wanted, ContainerId id) {
        if (wanted.isPresent()) {
            String name = wanted.get().startsWith("/") ? wanted.get().substring(1) : wanted.get();
            containers.reserveName(name, id);
            return name;
        }
        while (true) {
            String name = Names.choose(random, containers::isNameTaken);
            try {
                containers.reserveName(name, id);
                return name;
            } catch (ApiException takenMeanwhile) {
                if (takenMeanwhile.kind() != ApiException.Kind.CONFLICT) {
                    throw takenMeanwhile;
                }
            }
        }
    }

    /** What the client left open gets the engine's defaults, so that inspect tells what is in force. */
    private HostConfig hostConfig(HostConfig asked, List<String> warnings) {
        Limits wanted = new Limits(new Limits.Memory(asked.memory, asked.memorySwap, asked.memoryReservation),
                new Limits.Cpu(asked.cpuShares, asked.cpuPeriod, asked.cpuQuota, asked.nanoCpus, asked.cpusetCpus, asked.cpusetMems),
                asked.pidsLimit == null ? 0 : asked.pidsLimit);
        LimitCheck.Accepted accepted = LimitCheck.onCreate(wanted, support);
        warnings.addAll(accepted.warnings());
        if (asked.networkMode.equals("host") && !asked.portBindings.isEmpty()) {
            warnings.add("Published ports are discarded when using host network mode");
        }
        return asked.with(host -> {
            hold(host, accepted.limits());
            host.ipcMode = "private";
            host.cgroupnsMode = Engine.cgroupnsMode(cgroupVersion);
            host.memorySwappiness = null; // -1, which the CLI sends, asks for the machine's own; nothing else is let in
            host.shmSize = host.shmSize == 0 ? Engine.DEFAULT_SHM_SIZE : host.shmSize;
            host.runtime = Engine.RUNTIME;
            host.restartPolicy = host.restartPolicy.name().isEmpty() ? new RestartPolicy("no", host.restartPolicy.maximumRetryCount()) : host.restartPolicy;
            host.logConfig = LogDriver.resolve(host.logConfig, engineLog);
            if (!host.privileged && !host.securityOpt.contains("systempaths=unconfined")) {
                host.maskedPaths = host.maskedPaths == null ? ProtectedPaths.MASKED : host.maskedPaths;
                host.readonlyPaths = host.readonlyPaths == null ? ProtectedPaths.READ_ONLY : host.readonlyPaths;
            }
        });
    }

    private static void hold(HostConfig host, Limits limits) {
        host.memory = limits.memory().limit();
        host.memorySwap = limits.memory().withSwap();
        host.memoryReservation = limits.memory().reservation();
        host.cpuShares = limits.cpu().shares();
        host.cpuPeriod = limits.cpu().period();
        host.cpuQuota = limits.cpu().quota();
        host.nanoCpus = limits.cpu().nano();
        host.cpusetCpus = limits.cpu().cpus();
        host.cpusetMems = limits.cpu().memoryNodes();
        host.pidsLimit = limits.pids() == 0 ? null : Long.valueOf(limits.pids());
    }

    private static void nameHost(ContainerConfig config, HostConfig host, ContainerId id) {
        if (config.hostname.isEmpty()) {
            config.hostname = NetworkMode.parse(host.networkMode) instanceof NetworkMode.Host ? HostName.read() : id.shortForm();
        }
        // As free as in the reference engine; but it becomes a line of /etc/hosts.
        if (config.hostname.length() > LONGEST_HOSTNAME || !config.hostname.matches("[\\x21-\\x7e]+")) {
            throw ApiException.invalid("invalid hostname format: " + config.hostname);
        }
    }
}
