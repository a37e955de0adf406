package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.LogConfig;
import io.berth.api.wire.container.Ulimit;
import io.berth.daemon.restart.RestartRule;
import io.berth.linux.cgroup.Limits;
import io.berth.linux.launch.ProcessSpec.ResourceLimit;
import io.berth.linux.security.Capabilities;
import io.berth.linux.security.ProtectedPaths;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a {@link Definition} into a {@link ContainerSpec}: the one place that reads the API's Config and HostConfig. Pure, so
 * it is run again when the daemon starts and reads its containers back.
 */
public final class SpecCompiler {

    private static final List<String> RESOURCES = List.of("cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock",
            "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime");
    private static final ResourceLimit DEFAULT_NOFILE = new ResourceLimit(ResourceLimit.NOFILE, 1024, 524288);

    /** @throws ApiException when something does not make sense, with the reference engine's words */
    public ContainerSpec compile(Definition definition) {
        ContainerConfig config = definition.config();
        HostConfig host = definition.hostConfig();
        return new ContainerSpec(program(config, host), streams(config, host), host(config, host), NetworkOptions.compile(definition),
                files(definition.mounts(), host), limits(host), rights(host), ending(config, host), log(host.logConfig),
                HealthCheck.of(config));
    }

    private static ContainerSpec.Program program(ContainerConfig config, HostConfig host) {
        List<String> command = new ArrayList<>(config.entrypoint == null ? List.of() : config.entrypoint);
        if (config.cmd != null) {
            command.addAll(config.cmd);
        }
        if (command.isEmpty() || command.getFirst().isEmpty()) {
            throw ApiException.invalid("no command specified");
        }
        requireNoNul("the command", command);
        requireNoNul("the environment", config.env);
        return new ContainerSpec.Program(List.copyOf(command), environment(config, List.of()), directory(config.workingDir), config.user,
                host.groupAdd, resourceLimits(host.ulimits), oomScore(host.oomScoreAdj),
                Sysctls.checked(host.sysctls, !config.networkDisabled && NetworkMode.parse(host.networkMode) instanceof NetworkMode.Host),
                Optional.ofNullable(host.init));
    }

    /** The kernel would take a word's end there for the end of the word. */
    public static void requireNoNul(String of, List<String> words) {
        for (String word : words) {
            if (word.indexOf('\0') >= 0) {
                throw ApiException.invalid("a word of " + of + " has a NUL byte in it: " + word.replace("\0", "\\0"));
            }
        }
    }

    private static int oomScore(int adjustment) {
        if (adjustment < -1000 || adjustment > 1000) {
            throw ApiException.invalid("Invalid value " + adjustment + ", range for oom score adj is [-1000, 1000]");
        }
        return adjustment;
    }

    private static String directory(String workingDirectory) {
        if (workingDirectory.isEmpty()) {
            return "/";
        }
        if (!workingDirectory.startsWith("/")) {
            throw ApiException.invalid("the working directory '" + workingDirectory + "' is invalid, it needs to be an absolute path");
        }
        return workingDirectory;
    }

    /**
     * What the engine sets first, then the configuration's, which may replace it.
     *
     * @param linked what links to other containers add
     */
    public static List<String> environment(ContainerConfig config, List<String> linked) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", "PATH=" + Engine.DEFAULT_PATH);
        variables.put("HOSTNAME", "HOSTNAME=" + config.hostname);
        if (config.tty) {
            variables.put("TERM", "TERM=xterm");
        }
        linked.forEach(variable -> variables.put(variable.substring(0, variable.indexOf('=')), variable));
        for (String variable : config.env) {
            int equals = variable.indexOf('=');
            if (equals == 0 || variable.isEmpty()) {
                throw ApiException.invalid("invalid environment variable: " + variable);
            }
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable);
            } else {
                variables.remove(variable); // a name alone takes the variable away
            }
        }
        return List.copyOf(variables.values());
    }

    private static List<ResourceLimit> resourceLimits(List<Ulimit> ulimits) {
        Map<Integer, ResourceLimit> limits = new LinkedHashMap<>();
        limits.put(DEFAULT_NOFILE.resource(), DEFAULT_NOFILE);
        for (Ulimit ulimit : ulimits) {
            int resource = RESOURCES.indexOf(ulimit.name());
            if (resource < 0) {
                throw ApiException.invalid("invalid ulimit type: " + ulimit.name());
            }
            if (ulimit.hard() != -1 && (ulimit.soft() > ulimit.hard() || ulimit.soft() == -1)) {
                throw ApiException.invalid("ulimit soft limit must be less than or equal to hard limit: " + ulimit.soft() + " > " + ulimit.hard());
            }
            limits.put(resource, new ResourceLimit(resource, ulimit.soft(), ulimit.hard()));
        }
        return List.copyOf(limits.values());
    }

    private static ContainerSpec.Streams streams(ContainerConfig config, HostConfig host) {
        List<Integer> size = host.consoleSize.size() == 2 ? host.consoleSize : List.of(0, 0);
        return new ContainerSpec.Streams(config.tty, config.openStdin, config.stdinOnce, size.get(0), size.get(1));
    }

    private static ContainerSpec.Host host(ContainerConfig config, HostConfig host) {
        for (String extra : host.extraHosts) {
            if (!extra.matches("[^:]+:.+")) {
                throw ApiException.invalid("bad format for add-host: \"" + extra + "\"");
            }
        }
        return new ContainerSpec.Host(config.hostname, config.domainname, host.dns, host.dnsSearch, host.dnsOptions, host.extraHosts);
    }

    private static ContainerSpec.Files files(List<ContainerMount> mounts, HostConfig host) {
        if (host.shmSize < 0) {
            throw ApiException.invalid("SHM size can not be less than 0");
        }
        boolean protect = !host.privileged && !host.securityOpt.contains("systempaths=unconfined");
        List<String> masked = host.maskedPaths != null ? host.maskedPaths : protect ? ProtectedPaths.MASKED : List.of();
        List<String> readOnly = host.readonlyPaths != null ? host.readonlyPaths : protect ? ProtectedPaths.READ_ONLY : List.of();
        return new ContainerSpec.Files(mounts, host.readonlyRootfs,
                host.shmSize == 0 ? Engine.DEFAULT_SHM_SIZE : host.shmSize, masked, readOnly);
    }

    private static Limits limits(HostConfig host) {
        return new Limits(new Limits.Memory(host.memory, host.memorySwap, host.memoryReservation),
                new Limits.Cpu(host.cpuShares, host.cpuPeriod, host.cpuQuota, host.nanoCpus, host.cpusetCpus, host.cpusetMems),
                host.pidsLimit == null ? 0 : host.pidsLimit);
    }

    private static ContainerSpec.Rights rights(HostConfig host) {
        boolean filtered = !host.privileged;
        boolean noNewPrivileges = false;
        for (String option : host.securityOpt) {
            switch (option) {
                case "no-new-privileges", "no-new-privileges=true", "no-new-privileges:true" -> noNewPrivileges = true;
                case "no-new-privileges=false", "no-new-privileges:false" -> noNewPrivileges = false;
                case "seccomp=unconfined", "seccomp:unconfined" -> filtered = false;
                case "seccomp=builtin", "apparmor=unconfined", "apparmor:unconfined", "label=disable", "label:disable",
                        "systempaths=unconfined" -> { }
                default -> throw Unsupported.unsupported("the security option \"" + option + "\"");
            }
        }
        Capabilities capabilities = Capabilities.requested(host.privileged, host.capAdd, host.capDrop);
        return new ContainerSpec.Rights(capabilities, filtered, noNewPrivileges, host.privileged);
    }

    private static ContainerSpec.Ending ending(ContainerConfig config, HostConfig host) {
        int signal = config.stopSignal.isEmpty() ? Signals.SIGTERM : Signals.parse(config.stopSignal);
        int timeout = config.stopTimeout == null ? Engine.DEFAULT_STOP_TIMEOUT : config.stopTimeout;
        RestartRule restart = RestartRule.of(host.restartPolicy);
        if (host.autoRemove && restart.restarts()) {
            throw ApiException.invalid("can't create 'AutoRemove' container with restart policy");
        }
        return new ContainerSpec.Ending(signal, timeout, host.autoRemove, restart);
    }

    /** A driver that this version does not know is one of another version's container. */
    private static ContainerSpec.LogLimits log(LogConfig config) {
        return LogDriver.find(config.type()).orElse(LogDriver.JSON_FILE).limits(config.config());
    }
}
