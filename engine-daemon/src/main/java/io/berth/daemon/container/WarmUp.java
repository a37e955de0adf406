package io.berth.daemon.container;

import io.berth.api.wire.Json;
import io.berth.api.wire.container.CreateContainerBody;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.daemon.spec.Unsupported;
import io.berth.linux.cgroup.Join;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.launch.ContainerLaunch;
import io.berth.linux.launch.LaunchPlan;
import io.berth.linux.launch.ProcessSpec;
import io.berth.linux.launch.Stdio;
import io.berth.linux.mount.PlannedMount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the pure part of a container's start, once while the daemon starts and some more times after it serves: reading the request, compiling the spec and
 * the launch plan, writing the record. The start-up cache holds classes and profiles but no machine code, so that the first
 * client would otherwise wait for the interpreter. Touches neither disk nor kernel.
 */
final class WarmUp {

    private static final String REQUEST = """
            {"Image": "warm-up", "Cmd": ["true"], "Env": ["A=b"], "Labels": {"a": "b"}, "ExposedPorts": {"80/tcp": {}},
             "HostConfig": {"NetworkMode": "bridge", "Binds": ["/tmp:/tmp:ro"], "PortBindings": {"80/tcp": [{"HostPort": "8080"}]},
             "Memory": 67108864, "MaskedPaths": null}, "NetworkingConfig": {"EndpointsConfig": {"default": {}}}}""";

    private final Kernel kernel;
    private final SpecCompiler compiler;
    private final ProcessCompiler processes;

    WarmUp(Kernel kernel, SpecCompiler compiler, ProcessCompiler processes) {
        this.kernel = kernel;
        this.compiler = compiler;
        this.processes = processes;
    }

    void run(int rounds) {
        for (int round = 0; round < rounds; round++) {
            Definition definition = definition();
            ContainerSpec spec = compiler.compile(definition);
            ContainerRecord.read(ContainerRecord.created(definition).bytes());
            plan(spec).compile();
        }
    }

    private static Definition definition() {
        try {
            CreateContainerBody body = Json.mapper().readValue(REQUEST, CreateContainerBody.class);
            Unsupported.refuse(body, 2);
            Map<String, EndpointSettings> networks = body.networkingConfig.endpointsConfig;
            return new Definition(ContainerId.random().hex(), "warm-up", Instant.now().toString(), "sha256:" + "0".repeat(64), body,
                    body.hostConfig, networks);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** The descriptors stand for themselves: compiling looks at none of them. */
    private LaunchPlan plan(ContainerSpec spec) {
        Fd any = new Fd(kernel, 0);
        List<PlannedMount> mounts = new ArrayList<>();
        for (String destination : List.of("/proc", "/dev", "/dev/pts", "/dev/shm", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf")) {
            mounts.add(new PlannedMount.Prepared(any, any, destination));
        }
        ProcessSpec process = processes.compile(spec, new ContainerUser(ProcessSpec.Credentials.ROOT, "/root"));
        return new ContainerLaunch(any, "/", mounts, false, Map.of("/proc/keys", false), List.of("/proc/sys"), Map.of(),
                new Join.WriteTasks(List.of()), Optional.of(any), LaunchPlan.CLONE_NEWPID, Optional.of("warm-up"), Optional.empty(),
                new Stdio.Pipes(any, any, any), process, any).plan();
    }
}
