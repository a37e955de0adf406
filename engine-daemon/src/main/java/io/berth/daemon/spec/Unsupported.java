package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.CreateContainerBody;
import io.berth.api.wire.container.HostConfig;
import java.util.Set;

/**
 * Refuses, by name, what a client asks for and this engine does not do. An option that is not listed here as known is never
 * ignored: a container that runs without what its owner relied on is worse than one that does not run.
 */
public final class Unsupported {

    /** Fields of Config that are honoured, or that only describe the client. */
    private static final Set<String> CONFIG = Set.of("Hostname", "Domainname", "User", "AttachStdin", "AttachStdout", "AttachStderr",
            "ExposedPorts", "Healthcheck", "Tty", "OpenStdin", "StdinOnce", "Env", "Cmd", "ArgsEscaped", "Image", "WorkingDir", "Entrypoint",
            "NetworkDisabled", "MacAddress", "Labels", "StopSignal", "StopTimeout", "Shell", "OnBuild", "Volumes");

    private static final Set<String> HOST_CONFIG = Set.of("Binds", "ContainerIDFile", "LogConfig", "NetworkMode", "PortBindings",
            "RestartPolicy", "AutoRemove", "ConsoleSize", "Annotations", "CapAdd", "CapDrop", "CgroupnsMode", "Dns", "DnsOptions",
            "DnsSearch", "ExtraHosts", "GroupAdd", "IpcMode", "Links", "OomScoreAdj", "PidMode", "Privileged", "PublishAllPorts",
            "ReadonlyRootfs", "SecurityOpt", "Tmpfs", "UTSMode", "UsernsMode", "ShmSize", "Sysctls", "Runtime", "Isolation",
            "CpuShares", "Memory", "NanoCpus", "CpuPeriod", "CpuQuota", "CpusetCpus", "CpusetMems", "MemoryReservation", "MemorySwap",
            "MemorySwappiness", "OomKillDisable", "PidsLimit", "Ulimits", "Mounts", "MaskedPaths", "ReadonlyPaths", "VolumeDriver", "VolumesFrom", "Init");

    private Unsupported() {
    }

    /** @param cgroupVersion 1 or 2; each has one way to show a container its cgroups */
    public static void refuse(CreateContainerBody body, int cgroupVersion) {
        for (String name : body.given()) {
            if (!CONFIG.contains(name)) {
                throw unsupported(name);
            }
        }
        HostConfig host = body.hostConfig;
        for (String name : host.given()) {
            if (!HOST_CONFIG.contains(name)) {
                throw unsupported("HostConfig." + name);
            }
        }
        refuseValues(host);
        allow("CgroupnsMode", host.cgroupnsMode, "", Engine.cgroupnsMode(cgroupVersion));
    }

    private static void refuseValues(HostConfig host) {
        allow("IpcMode", host.ipcMode, "", "private");
        allow("PidMode", host.pidMode, "");
        allow("UTSMode", host.utsMode, "");
        allow("UsernsMode", host.usernsMode, "", "host");
        allow("Runtime", host.runtime, "", Engine.RUNTIME);
        allow("Isolation", host.isolation, "", "default");
        if (host.memorySwappiness != null && host.memorySwappiness != -1) {
            throw unsupported("HostConfig.MemorySwappiness");
        }
        if (Boolean.TRUE.equals(host.oomKillDisable)) {
            throw unsupported("HostConfig.OomKillDisable");
        }
    }

    private static void allow(String option, String value, String... known) {
        if (!Set.of(known).contains(value)) {
            throw unsupported(option + " \"" + value + "\"");
        }
    }

    /** The refusal of one option. */
    public static ApiException unsupported(String option) {
        return ApiException.invalid(option + " is not supported by this version of berth");
    }
}
