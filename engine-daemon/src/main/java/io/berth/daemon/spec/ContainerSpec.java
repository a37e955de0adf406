package io.berth.daemon.spec;

import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.restart.RestartRule;
import io.berth.linux.cgroup.Limits;
import io.berth.linux.launch.ProcessSpec.ResourceLimit;
import io.berth.linux.security.Capabilities;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a container is to be, compiled once from what the client asked for and what its image says ({@link SpecCompiler}).
 * Everything here is valid; nothing below knows JSON.
 */
public record ContainerSpec(Program program, Streams streams, Host host, Networking networking, Files files, Limits limits,
        Rights rights, Ending ending, LogLimits log, Optional<HealthCheck> health) {

    /** The same with another command. */
    public ContainerSpec running(List<String> command) {
        Program changed = new Program(command, program.environment, program.workingDirectory, program.user, program.groups, program.limits,
                program.oomScoreAdjustment, program.sysctls, program.init);
        return new ContainerSpec(changed, streams, host, networking, files, limits, rights, ending, log, health);
    }

    /** The same with other variables. */
    public ContainerSpec with(List<String> environment) {
        Program changed = new Program(program.command, environment, program.workingDirectory, program.user, program.groups, program.limits,
                program.oomScoreAdjustment, program.sysctls, program.init);
        return new ContainerSpec(changed, streams, host, networking, files, limits, rights, ending, log, health);
    }

    /**
     * @param command program and arguments; not empty
     * @param environment {@code NAME=value} each, complete but for {@code HOME}
     * @param oomScoreAdjustment always written: the keeper's own would be inherited
     * @param user as {@link ContainerUser} reads it
     * @param groups further groups, by name or number
     * @param init whether the host's init is to be the first process and the command its child; empty for the daemon's default
     */
    public record Program(List<String> command, List<String> environment, String workingDirectory, String user, List<String> groups,
            List<ResourceLimit> limits, int oomScoreAdjustment, Map<String, String> sysctls, Optional<Boolean> init) {
    }

    /**
     * @param stdinOnce whether the end of the first client's input is the end of the program's
     * @param rows of the terminal at the start, 0 for the kernel's default
     */
    public record Streams(boolean tty, boolean openStdin, boolean stdinOnce, int rows, int columns) {
    }

    /** The names it sees itself under, and how it finds others. Extra hosts are {@code name:address}. */
    public record Host(String hostname, String domainname, List<String> dns, List<String> dnsSearch, List<String> dnsOptions,
            List<String> extraHosts) {
    }

    /**
     * @param attachments its networks, in the order of their links; none when it has another container's, or was taken out of all
     */
    public record Networking(NetworkMode mode, List<Attachment> attachments, List<PortBinding> ports) {

        public boolean isHost() {
            return mode instanceof NetworkMode.Host;
        }

        /** The container whose network it has, as far as that is known. */
        public Optional<String> sharedWith() {
            return mode instanceof NetworkMode.OfContainer(String container) ? Optional.of(container) : Optional.empty();
        }

        /** Whether it is attached to the network of that name. */
        public boolean has(String network) {
            return attachments.stream().anyMatch(attachment -> attachment.network().equals(network));
        }

        public boolean isOnDefaultBridge() {
            return has(NetworkKind.BRIDGE.toString());
        }
    }

    /**
     * @param shmSize of {@code /dev/shm}, in bytes
     */
    public record Files(List<ContainerMount> mounts, boolean readOnlyRoot, long shmSize, List<String> maskedPaths, List<String> readOnlyPaths) {
    }

    /**
     * @param filtered whether the default seccomp profile applies
     * @param privileged all devices, nothing write-protected
     */
    public record Rights(Capabilities capabilities, boolean filtered, boolean noNewPrivileges, boolean privileged) {
    }

    /** @param stopTimeout seconds from the stop signal to the kill, -1 for ever */
    public record Ending(int stopSignal, int stopTimeout, boolean autoRemove, RestartRule restart) {
    }

    /** Where the output goes and how much of it is kept. */
    public record LogLimits(LogDriver driver, long segmentBytes, int segments) {
    }
}
