package io.berth.linux.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.cgroup.Join;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.RecordingKernel;
import io.berth.linux.mount.PlannedMount;
import io.berth.linux.security.Capabilities;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The whole way from the launcher's first step to the program, as text. */
class ContainerLaunchPlanTest {

    private final RecordingKernel kernel = new RecordingKernel();
    private final Stdio pipes = new Stdio.Pipes(fd(), fd(), fd());

    @Test
    void aContainerWithPipesInCgroupsOfVersion1() {
        assertEquals("""
                hide the launcher's memory: prctl(4, 0)
                open the container's cgroup: openat(-100, "/cpu/procs", 0x80001, 0)
                open the container's cgroup: openat(-100, "/memory/procs", 0x80001, 0)
                join the network namespace: setns(network namespace, 0x40000000)
                create the container's process: clone3(0x2c128000, 88), the parent exits
                join the container's cgroup: write(result of open the container's cgroup, "0", 1)
                join the container's cgroup: write(result of open the container's cgroup, "0", 1)
                make all mounts private: mount("none", "/", 0, 0x44000, 0)
                mount the root file system: move_mount(root, "", -100, "/staging", 4)
                enter the root file system: fchdir(root)
                change the root: pivot_root(".", ".")
                leave the host's root: umount2(".", 2)
                enter the new root: chdir("/")
                go to /proc: fchdir(target)
                mount proc on /proc: mount("proc", ".", "proc", 14, 0)
                mount /dev: move_mount(mount, "", target, "", 68)
                start a session: setsid()
                open stdin: dup3(stdin, 0, 0)
                open stdout: dup3(stdout, 1, 0)
                open stderr: dup3(stderr, 2, 0)
                set the host name: sethostname("box", 3)
                set sysctl kernel.shmmni: openat(-100, "/proc/sys/kernel/shmmni", 0x80001, 0)
                set sysctl kernel.shmmni: write(result of set sysctl kernel.shmmni, "512", 3)
                bind /proc/sys: mount("/proc/sys", "/proc/sys", 0, 0x5000, 0)
                write-protect /proc/sys: mount("none", "/proc/sys", 0, 0x102f, 0)
                hide /proc/kcore: mount("/dev/null", "/proc/kcore", 0, 0x1000, 0)
                join a new session keyring: keyctl(1, "_ses.berth"), or go on
                set resource limit 7: prlimit64(0, 7, data[16], 0)
                set the file mode mask: umask(18)
                keep the start's pipe: dup3(started, 3, 0x80000)
                close everything else: close_range(4, 0xffffffff, 0)
                change to the working directory: chdir("/")
                set the groups: setgroups(2, data[8])
                set the group: setresgid(5, 5, 5)
                keep capabilities for a moment: prctl(8, 1, 0, 0, 0)
                set the user: setresuid(4, 4, 4)
                set the capabilities: capset(data[8], data[24])
                clear ambient capabilities: prctl(47, 4, 0, 0, 0)
                filter system calls: seccomp(1, 4, filter[2])
                execute /a/sh: execve("/a/sh", [sh, -c], [A=1]), or else execute /b/sh
                execute /b/sh: execve("/b/sh", [sh, -c], [A=1])
                """, listing(launch(new Join.WriteTasks(List.of("/cpu/procs", "/memory/procs")), pipes, 0, false)));
    }

    @Test
    void inCgroupsOfVersion2TheProcessIsBornInItsGroup() {
        String listing = listing(launch(new Join.CloneInto(fd()), pipes, LaunchPlan.CLONE_NEWCGROUP, false));
        assertTrue(listing.contains("create the container's process: clone3(0x2c128000 into the cgroup, 88), the parent exits\n"
                + "make a cgroup namespace: unshare(0x2000000)\n"), listing);
        assertTrue(!listing.contains("cgroup.procs"), listing);
    }

    @Test
    void aTerminalIsOpenedFromItsMasterAndBecomesTheConsole() {
        String listing = listing(launch(new Join.WriteTasks(List.of()), new Stdio.Terminal(fd(), true), 0, false));
        assertTrue(listing.contains("""
                start a session: setsid()
                open the terminal: ioctl(master, 0x5441, 0x80102)
                open stdin: dup3(result of open the terminal, 0, 0)
                open stdout: dup3(0, 1, 0)
                open stderr: dup3(0, 2, 0)
                take the terminal: ioctl(0, 0x540e, 0)
                own the terminal: fchown(0, 4, -1)
                mount /dev/console: mount("/dev/pts/0", "/dev/console", 0, 0x1000, 0)
                set the host name"""), listing);
    }

    @Test
    void withoutNewPrivilegesTheFilterComesAfterTheLastRightIsGone() {
        List<String> names = launch(new Join.WriteTasks(List.of()), pipes, 0, true).plan().steps().stream().map(LaunchPlan.Step::name).toList();
        assertTrue(names.indexOf("set the capabilities") < names.indexOf("allow no new privileges"));
        assertTrue(names.indexOf("allow no new privileges") < names.indexOf("filter system calls"));
        assertTrue(names.getLast().startsWith("execute "));
    }

    @Test
    void theStartedPipeIsHeldOpenUntilTheProgramRuns() {
        ContainerLaunch launch = launch(new Join.WriteTasks(List.of()), pipes, 0, false);
        assertTrue(launch.plan().compile().inherited().contains(launch.started()));
    }

    /** With all capabilities of this machine, so that none is given up and the listing is the same everywhere. */
    private ContainerLaunch launch(Join cgroup, Stdio stdio, long namespaces, boolean noNewPrivileges) {
        ProcessSpec process = new ProcessSpec(List.of(bytes("/a/sh"), bytes("/b/sh")), List.of(bytes("sh"), bytes("-c")), List.of(bytes("A=1")),
                bytes("/"), new ProcessSpec.Credentials(4, 5, List.of(5, 6)), Capabilities.bounding(), Optional.of(new byte[16]), noNewPrivileges,
                List.of(new ProcessSpec.ResourceLimit(ProcessSpec.ResourceLimit.NOFILE, 1024, 4096)), Optional.empty());
        return new ContainerLaunch(fd(), "/staging", List.of(new PlannedMount.Fresh("proc", fd(), "/proc", 14), new PlannedMount.Prepared(fd(), fd(), "/dev")),
                false, Map.of("/proc/kcore", false), List.of("/proc/sys"), Map.of("kernel.shmmni", "512"), cgroup, Optional.of(fd()),
                LaunchPlan.CLONE_NEWPID | LaunchPlan.CLONE_NEWIPC | LaunchPlan.CLONE_NEWUTS | namespaces, Optional.of("box"), Optional.empty(), stdio,
                process, fd());
    }

    private static String listing(ContainerLaunch launch) {
        return launch.plan().listing();
    }

    private int next = 100;

    private Fd fd() {
        return new Fd(kernel, next++);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
