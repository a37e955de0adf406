package io.berth.linux.launch;

import static io.berth.linux.kernel.SystemCall.CAPSET;
import static io.berth.linux.kernel.SystemCall.CHDIR;
import static io.berth.linux.kernel.SystemCall.CLOSE_RANGE;
import static io.berth.linux.kernel.SystemCall.DUP3;
import static io.berth.linux.kernel.SystemCall.EXECVE;
import static io.berth.linux.kernel.SystemCall.FCHOWN;
import static io.berth.linux.kernel.SystemCall.IOCTL;
import static io.berth.linux.kernel.SystemCall.KEYCTL;
import static io.berth.linux.kernel.SystemCall.MOUNT;
import static io.berth.linux.kernel.SystemCall.OPENAT;
import static io.berth.linux.kernel.SystemCall.PRCTL;
import static io.berth.linux.kernel.SystemCall.PRLIMIT64;
import static io.berth.linux.kernel.SystemCall.SECCOMP;
import static io.berth.linux.kernel.SystemCall.SETGROUPS;
import static io.berth.linux.kernel.SystemCall.SETRESGID;
import static io.berth.linux.kernel.SystemCall.SETRESUID;
import static io.berth.linux.kernel.SystemCall.SETSID;
import static io.berth.linux.kernel.SystemCall.UMASK;
import static io.berth.linux.kernel.SystemCall.WRITE;

import io.berth.linux.cgroup.Join;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.mount.MountCalls;
import io.berth.linux.security.Capabilities;
import io.berth.linux.security.Capability;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The steps that the first process of a container and one that joins it later have in common: standard streams, then
 * giving up rights one by one, then execve.
 */
final class ProcessPlan {

    // asm-generic/ioctls.h
    private static final int TIOCSCTTY = 0x540E;
    private static final int TIOCGPTPEER = 0x5441;
    // linux/prctl.h
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    // linux/seccomp.h
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
    // linux/keyctl.h
    private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
    private static final int STARTED = 3;
    private static final long ALL_DESCRIPTORS = 0xffff_ffffL;

    /** The names of the steps that fail when the group is gone. */
    static final String OPEN_CGROUP = "open the container's cgroup";
    static final String JOIN_CGROUP = "join the container's cgroup";

    private ProcessPlan() {
    }

    /** Not readable by anybody while it still has the host's files open. */
    static void hideMemory(LaunchPlan plan) {
        plan.step("hide the launcher's memory", PRCTL, Operand.of(PR_SET_DUMPABLE), Operand.of(0));
    }

    /** In version 1; in version 2 the child is born in its group ({@link #birthplace}). While the host's names are there. */
    static List<LaunchPlan.Step> openCgroups(LaunchPlan plan, Join cgroup) {
        return cgroup instanceof Join.WriteTasks(List<String> files)
                ? files.stream().map(tasks -> openForWriting(plan, OPEN_CGROUP, tasks)).toList() : List.of();
    }

    /** What has a limit of one process has no room for a launcher that forks in it. */
    static void joinCgroups(LaunchPlan plan, List<LaunchPlan.Step> opened) {
        opened.forEach(tasks -> write(plan, JOIN_CGROUP, tasks, "0"));
    }

    static Optional<Fd> birthplace(Join cgroup) {
        return cgroup instanceof Join.CloneInto(Fd directory) ? Optional.of(directory) : Optional.empty();
    }

    static void joinKeyring(LaunchPlan plan) {
        plan.step("join a new session keyring", KEYCTL, Operand.of(KEYCTL_JOIN_SESSION_KEYRING), Operand.of("_ses.berth"))
                .orGoOn(); // kernels without keyrings; containers cannot call keyctl unless it is allowed on purpose
    }

    static void adjustOomScore(LaunchPlan plan, ProcessSpec process) {
        process.oomScoreAdjustment().ifPresent(adjustment ->
                writeFile(plan, "set the OOM score", "/proc/self/oom_score_adj", Integer.toString(adjustment)));
    }

    static void openStdio(LaunchPlan plan, Stdio stdio, ProcessSpec.Credentials owner) {
        plan.step("start a session", SETSID);
        switch (stdio) {
            case Stdio.Pipes(Fd stdin, Fd stdout, Fd stderr) -> {
                plan.step("open stdin", DUP3, new Operand.Inherited(stdin, "stdin"), Operand.of(0), Operand.of(0));
                plan.step("open stdout", DUP3, new Operand.Inherited(stdout, "stdout"), Operand.of(1), Operand.of(0));
                plan.step("open stderr", DUP3, new Operand.Inherited(stderr, "stderr"), Operand.of(2), Operand.of(0));
            }
            case Stdio.Terminal(Fd master, boolean console) -> {
                LaunchPlan.Step terminal = plan.step("open the terminal", IOCTL, new Operand.Inherited(master, "master"),
                        Operand.of(TIOCGPTPEER), Operand.of(FileCalls.O_RDWR | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC));
                plan.step("open stdin", DUP3, new Operand.ResultOf(terminal), Operand.of(0), Operand.of(0));
                plan.step("open stdout", DUP3, Operand.of(0), Operand.of(1), Operand.of(0));
                plan.step("open stderr", DUP3, Operand.of(0), Operand.of(2), Operand.of(0));
                plan.step("take the terminal", IOCTL, Operand.of(0), Operand.of(TIOCSCTTY), Operand.of(0));
                plan.step("own the terminal", FCHOWN, Operand.of(0), Operand.of(owner.uid()), Operand.of(-1));
                if (console) {
                    plan.step("mount /dev/console", MOUNT, Operand.of("/dev/pts/0"), Operand.of("/dev/console"), Operand.of(0),
                            Operand.of(MountCalls.MS_BIND), Operand.of(0));
                }
            }
        }
    }

    /**
     * The order of privileges is the one that works for root and for others, with no-new-privileges and without: installing
     * the filter needs CAP_SYS_ADMIN unless no-new-privileges is on, so that one capability is kept until execve, which
     * takes it away because it is no longer in the bounding set (capabilities(7)).
     */
    static void becomeProgram(LaunchPlan plan, ProcessSpec process, Fd started) {
        limitResources(plan, process);
        plan.step("set the file mode mask", UMASK, Operand.of(0022));
        closeInherited(plan, started);
        plan.step("change to the working directory", CHDIR, Operand.of(process.workingDirectory()));
        dropRights(plan, process);
        process.seccomp().ifPresent(filter -> plan.step("filter system calls", SECCOMP, Operand.of(SECCOMP_SET_MODE_FILTER),
                Operand.of(SECCOMP_FILTER_FLAG_SPEC_ALLOW), new Operand.Filter(filter)));
        execute(plan, process);
    }

    /**
     * From here on names of the container's choosing are looked up, its working directory and its program. No descriptor of
     * the host may be open then, not even one that would close at exec: through /proc/self/fd it would lead out of the
     * container (CVE-2024-21626). The start's pipe moves to 3, which in the spawning JVM is never one of the inherited.
     */
    private static void closeInherited(LaunchPlan plan, Fd started) {
        plan.step("keep the start's pipe", DUP3, new Operand.Inherited(started, "started"), Operand.of(STARTED), Operand.of(FileCalls.O_CLOEXEC));
        plan.step("close everything else", CLOSE_RANGE, Operand.of(STARTED + 1), Operand.of(ALL_DESCRIPTORS), Operand.of(0));
    }

    private static void limitResources(LaunchPlan plan, ProcessSpec process) {
        for (ProcessSpec.ResourceLimit limit : process.limits()) {
            ByteBuffer bounds = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            bounds.putLong(0, limit.soft()).putLong(8, limit.hard());
            plan.step("set resource limit " + limit.resource(), PRLIMIT64, Operand.of(0), Operand.of(limit.resource()),
                    new Operand.Data(bounds.array()), Operand.of(0));
        }
    }

    private static void dropRights(LaunchPlan plan, ProcessSpec process) {
        Capabilities kept = process.capabilities().within(Capabilities.bounding());
        for (Capability dropped : Capabilities.bounding().without(kept).members()) {
            plan.step("give up CAP_" + dropped, PRCTL, Operand.of(PR_CAPBSET_DROP), Operand.of(dropped.ordinal()), Operand.of(0),
                    Operand.of(0), Operand.of(0));
        }
        ProcessSpec.Credentials who = process.credentials();
        ByteBuffer groups = ByteBuffer.allocate(4 * who.groups().size()).order(ByteOrder.LITTLE_ENDIAN);
        who.groups().forEach(groups::putInt);
        plan.step("set the groups", SETGROUPS, Operand.of(who.groups().size()), new Operand.Data(groups.array()));
        plan.step("set the group", SETRESGID, Operand.of(who.gid()), Operand.of(who.gid()), Operand.of(who.gid()));
        boolean filterNeedsAdmin = process.seccomp().isPresent() && !process.noNewPrivileges();
        if (who.uid() != 0) {
            plan.step("keep capabilities for a moment", PRCTL, Operand.of(PR_SET_KEEPCAPS), Operand.of(1), Operand.of(0),
                    Operand.of(0), Operand.of(0));
            plan.step("set the user", SETRESUID, Operand.of(who.uid()), Operand.of(who.uid()), Operand.of(who.uid()));
        }
        Capabilities now = filterNeedsAdmin ? kept.with(Capabilities.of(Capability.SYS_ADMIN)) : kept;
        plan.step("set the capabilities", CAPSET, new Operand.Data(Capabilities.header()),
                new Operand.Data(Capabilities.data(now, now, Capabilities.NONE)));
        plan.step("clear ambient capabilities", PRCTL, Operand.of(PR_CAP_AMBIENT), Operand.of(PR_CAP_AMBIENT_CLEAR_ALL),
                Operand.of(0), Operand.of(0), Operand.of(0));
        if (process.noNewPrivileges()) {
            plan.step("allow no new privileges", PRCTL, Operand.of(PR_SET_NO_NEW_PRIVS), Operand.of(1), Operand.of(0),
                    Operand.of(0), Operand.of(0));
        }
    }

    /** Tries one path after the other; what each answered stands in the table. */
    private static void execute(LaunchPlan plan, ProcessSpec process) {
        Operand arguments = new Operand.Strings(process.arguments());
        Operand environment = new Operand.Strings(process.environment());
        LaunchPlan.Step earlier = null;
        for (byte[] candidate : process.candidates()) {
            LaunchPlan.Step step = plan.step("execute " + new String(candidate, StandardCharsets.UTF_8), EXECVE, Operand.of(candidate),
                    arguments, environment);
            if (earlier != null) {
                earlier.orElse(step);
            }
            earlier = step;
        }
    }

    static void writeFile(LaunchPlan plan, String name, String path, String text) {
        write(plan, name, openForWriting(plan, name, path), text);
    }

    private static LaunchPlan.Step openForWriting(LaunchPlan plan, String name, String path) {
        return plan.step(name, OPENAT, Operand.of(FileCalls.AT_FDCWD), Operand.of(path), Operand.of(FileCalls.O_WRONLY | FileCalls.O_CLOEXEC),
                Operand.of(0));
    }

    private static void write(LaunchPlan plan, String name, LaunchPlan.Step opened, String text) {
        plan.step(name, WRITE, new Operand.ResultOf(opened), Operand.of(text), Operand.of(text.getBytes(StandardCharsets.UTF_8).length));
    }
}
