package io.berth.linux.launch;

import io.berth.linux.security.Capabilities;
import java.util.List;
import java.util.Optional;

/**
 * The program and the rights it runs with.
 *
 * @param candidates paths at which the program is tried in turn, as a search of PATH would; at least one
 * @param arguments argv; not empty
 * @param environment {@code NAME=value} each
 * @param workingDirectory inside the container, absolute
 * @param capabilities what the program may ever have (the bounding set)
 * @param seccomp a classic BPF program, or none for an unconfined process
 * @param limits resource limits in the kernel's numbering
 * @param oomScoreAdjustment as in proc_pid_oom_score_adj(5); empty leaves the keeper's
 */
public record ProcessSpec(List<byte[]> candidates, List<byte[]> arguments, List<byte[]> environment, byte[] workingDirectory,
        Credentials credentials, Capabilities capabilities, Optional<byte[]> seccomp, boolean noNewPrivileges,
        List<ResourceLimit> limits, Optional<Integer> oomScoreAdjustment) {

    /** Numeric ids; {@code groups} are the supplementary ones. */
    public record Credentials(int uid, int gid, List<Integer> groups) {
        public static final Credentials ROOT = new Credentials(0, 0, List.of());
    }

    /** One setrlimit(2); {@code resource} as in asm-generic/resource.h. */
    public record ResourceLimit(int resource, long soft, long hard) {
        public static final int NOFILE = 7;
    }

    public ProcessSpec {
        if (candidates.isEmpty() || arguments.isEmpty()) {
            throw new IllegalArgumentException("a process needs a program and arguments");
        }
    }
}
