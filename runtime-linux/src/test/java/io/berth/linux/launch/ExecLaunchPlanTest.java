package io.berth.linux.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.cgroup.Join;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.RecordingKernel;
import io.berth.linux.security.Capabilities;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The way of a further process into a container, as text. */
class ExecLaunchPlanTest {

    private final RecordingKernel kernel = new RecordingKernel();

    @Test
    void withPipesInCgroupsOfVersion1() {
        assertEquals("""
                hide the launcher's memory: prctl(4, 0)
                set the OOM score: openat(-100, "/proc/self/oom_score_adj", 0x80001, 0)
                set the OOM score: write(result of set the OOM score, "7", 1)
                open the container's cgroup: openat(-100, "/cpu/tasks", 0x80001, 0)
                join the container's namespaces: setns(container, 0x6e020000)
                create the container's process: clone3(0x108000, 88), the parent exits
                join the container's cgroup: write(result of open the container's cgroup, "0", 1)
                start a session: setsid()
                open stdin: dup3(stdin, 0, 0)
                open stdout: dup3(stdout, 1, 0)
                open stderr: dup3(stderr, 2, 0)
                join a new session keyring: keyctl(1, "_ses.berth"), or go on
                set the file mode mask: umask(18)
                keep the start's pipe: dup3(started, 3, 0x80000)
                close everything else: close_range(4, 0xffffffff, 0)
                change to the working directory: chdir("/var")
                set the groups: setgroups(1, data[4])
                set the group: setresgid(0, 0, 0)
                set the capabilities: capset(data[8], data[24])
                clear ambient capabilities: prctl(47, 4, 0, 0, 0)
                filter system calls: seccomp(1, 4, filter[2])
                execute /bin/ls: execve("/bin/ls", [ls], [A=1])
                """, plan(new Join.WriteTasks(List.of("/cpu/tasks")), new Stdio.Pipes(fd(), fd(), fd())).listing());
    }

    @Test
    void inCgroupsOfVersion2TheProcessIsBornInTheContainersGroup() {
        String listing = plan(new Join.CloneInto(fd()), new Stdio.Pipes(fd(), fd(), fd())).listing();
        assertTrue(listing.contains("clone3(0x108000 into the cgroup, 88), the parent exits\n"), listing);
    }

    /** A container may have put anything under the names of the host: what is reached by name comes before its namespaces. */
    @Test
    void noFileOfTheHostIsOpenedByNameInTheContainer() {
        List<LaunchPlan.Step> steps = plan(new Join.WriteTasks(List.of("/cpu/tasks")), new Stdio.Terminal(fd(), false)).steps();
        int joined = steps.indexOf(steps.stream().filter(step -> step.name().equals("join the container's namespaces")).findFirst().orElseThrow());
        assertTrue(steps.subList(joined, steps.size()).stream().noneMatch(step -> step.toString().contains("openat(")));
        assertTrue(steps.stream().noneMatch(step -> step.name().equals("mount /dev/console")));
    }

    @Test
    void itIsKnownWhichStepsFailWhenTheContainerEnds() {
        assertEquals(List.of("join the container's namespaces", "create the container's process"), thatMeanTheEnd(Errno.ESRCH));
        assertEquals(List.of("open the container's cgroup", "join the container's cgroup"), thatMeanTheEnd(Errno.ENOENT));
        assertEquals(List.of(), thatMeanTheEnd(Errno.EPERM));
    }

    private List<String> thatMeanTheEnd(Errno errno) {
        return plan(new Join.WriteTasks(List.of("/cpu/tasks")), new Stdio.Pipes(fd(), fd(), fd())).steps().stream()
                .filter(step -> ExecLaunch.meansContainerEnded(step, errno)).map(LaunchPlan.Step::name).toList();
    }

    /** With all capabilities of this machine, so that none is given up and the listing is the same everywhere. */
    private LaunchPlan plan(Join cgroup, Stdio stdio) {
        ProcessSpec process = new ProcessSpec(List.of(bytes("/bin/ls")), List.of(bytes("ls")), List.of(bytes("A=1")), bytes("/var"),
                new ProcessSpec.Credentials(0, 0, List.of(0)), Capabilities.bounding(), Optional.of(new byte[16]), false, List.of(), Optional.of(7));
        return new ExecLaunch(fd(), cgroup, stdio, process, fd()).plan();
    }

    private int next = 100;

    private Fd fd() {
        return new Fd(kernel, next++);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
