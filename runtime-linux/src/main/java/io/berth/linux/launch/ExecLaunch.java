package io.berth.linux.launch;

import static io.berth.linux.kernel.SystemCall.CHDIR;
import static io.berth.linux.kernel.SystemCall.SETNS;

import io.berth.linux.cgroup.Join;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import java.util.List;

/**
 * The start of a further process in a container that runs: the launcher joins what the container's first process is in, and
 * its child goes on there. A process that joins in its own person would stay outside the pid namespace (setns(2)).
 *
 * @param container pidfd of the container's first process
 * @param cgroup the way into the container's cgroup
 * @param started stays open in the launcher until the program runs or the launch has failed
 */
public record ExecLaunch(Fd container, Join cgroup, Stdio stdio, ProcessSpec process, Fd started) {

    /** All but the user namespace; one that container and host have in common is joined without effect. */
    private static final long NAMESPACES = LaunchPlan.CLONE_NEWNS | LaunchPlan.CLONE_NEWPID | LaunchPlan.CLONE_NEWNET
            | LaunchPlan.CLONE_NEWIPC | LaunchPlan.CLONE_NEWUTS | LaunchPlan.CLONE_NEWCGROUP;

    public LaunchPlan plan() {
        LaunchPlan plan = new LaunchPlan();
        ProcessPlan.hideMemory(plan);
        // By the host's names for files, which are gone after the next step; the child inherits the score and the descriptors.
        ProcessPlan.adjustOomScore(plan, process);
        List<LaunchPlan.Step> groups = ProcessPlan.openCgroups(plan, cgroup);
        // By pidfd all at once, from Linux 5.8 on; it also makes the container's root this process's root and working directory.
        plan.step("join the container's namespaces", SETNS, new Operand.Inherited(container, "container"), Operand.of(NAMESPACES));
        plan.fork(0, ProcessPlan.birthplace(cgroup));
        ProcessPlan.joinCgroups(plan, groups);
        ProcessPlan.openStdio(plan, stdio, process.credentials());
        ProcessPlan.joinKeyring(plan);
        ProcessPlan.becomeProgram(plan, process, started);
        return plan;
    }

    /** Whether this failure of this step means that the container has ended meanwhile. */
    public static boolean meansContainerEnded(LaunchPlan.Step step, Errno errno) {
        return switch (errno) {
            case ESRCH, ENOMEM -> step.call() == SETNS || step.leavesParent();
            case ENOENT, ENODEV -> step.name().equals(ProcessPlan.OPEN_CGROUP) || step.name().equals(ProcessPlan.JOIN_CGROUP);
            default -> false;
        };
    }

    public static boolean entersWorkingDirectory(LaunchPlan.Step step) {
        return step.call() == CHDIR;
    }
}
