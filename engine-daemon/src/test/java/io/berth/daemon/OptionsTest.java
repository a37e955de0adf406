package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/** Each option of {@code docker run} has its effect, seen from inside the container. */
class OptionsTest extends ContainerTest {

    @Test
    void environmentVariablesReachTheProgram() {
        assertEquals("one two three", inside("echo $A $B", "-e", "A=one", "-e", "B=two three"));
        assertEquals("/bin /root", inside("echo $PATH $HOME"));
        assertEquals("/elsewhere", inside("echo $HOME", "-e", "HOME=/elsewhere"));
    }

    @Test
    void theWorkingDirectoryIsEnteredAndMadeWhenItIsMissing() {
        assertEquals("/tmp", inside("pwd", "-w", "/tmp"));
        assertEquals("/made/for/it", inside("pwd", "-w", "/made/for/it"));
        assertEquals("/", inside("pwd"));
    }

    @Test
    void theUserIsLookedUpInTheImage() {
        assertEquals("uid=0(root) gid=0(root) groups=0(root)", inside("id"));
        assertEquals("uid=1000(user) gid=1000(user) groups=1000(user)", inside("id", "-u", "user"));
        assertEquals("uid=1000(user) gid=1000(user) groups=1000(user)", inside("id", "-u", "1000"));
        assertEquals("uid=7 gid=9 groups=9", inside("id", "-u", "7:9"));
        assertEquals("uid=7 gid=0(root) groups=0(root),12", inside("id", "-u", "7", "--group-add", "12"));
        assertFails(125, "unable to find user nobody-of-that-name", script("id", "-u", "nobody-of-that-name"));
    }

    @Test
    void theEntrypointReplacesTheImages() {
        assertEquals("a b\n", run("--rm", "--entrypoint", "echo", IMAGE, "a", "b").succeeded());
    }

    @Test
    void theHostNameIsInEveryPlaceAProgramLooks() {
        assertEquals("wharf wharf wharf", inside("echo $(hostname) $(cat /etc/hostname) $HOSTNAME", "-h", "wharf"));
        assertTrue(inside("cat /etc/hosts", "-h", "wharf").matches("(?s).*\\d+\\.\\d+\\.\\d+\\.\\d+\\twharf.*"), inside("cat /etc/hosts", "-h", "wharf"));
        String id = runDetached(IMAGE, "hostname");
        docker("wait", id).succeeded();
        assertEquals(id.substring(0, 12), docker("logs", id).succeeded().strip());
    }

    @Test
    void labelsNameStopSignalAndTimeoutAreShown() {
        String id = runDetached("--name", "berth-test-labelled", "--label", "a=b", "--stop-signal", "USR1", "--stop-timeout", "7", IMAGE, "sleep", "1000");
        assertTrue(id.matches("[0-9a-f]{64}"), id);
        assertEquals("b USR1 7 /berth-test-labelled", inspect(id, "index .Config.Labels \"a\"}} {{.Config.StopSignal}} {{.Config.StopTimeout}} {{.Name"));
    }

    @Test
    void aReadOnlyRootRefusesWritesAndLeavesTmpfsWritable() {
        assertTrue(script("echo x >/file", "--read-only").err().contains("Read-only file system"));
        assertEquals("kept", inside("echo kept >/var/file; cat /var/file; echo x >/dev/shm/x", "--read-only", "--tmpfs", "/var"));
    }

    @Test
    void aTmpfsHasTheSizeAndModeAskedFor() {
        String mount = inside("grep ' /scratch ' /proc/mounts; stat -c %a /scratch", "--tmpfs", "/scratch:size=1m,mode=1770");
        assertTrue(mount.startsWith("tmpfs /scratch tmpfs rw,nosuid,nodev,noexec") && mount.contains("size=1024k") && mount.endsWith("\n1770"), mount);
    }

    @Test
    void aDirectoryOfTheHostIsReadAndWritten() throws IOException {
        Path directory = shared();
        assertEquals("of the host", inside("cat /ctr/file; echo back >/ctr/new", "-v", directory + ":/ctr"));
        assertEquals("back\n", Files.readString(directory.resolve("new")));
    }

    @Test
    void aReadOnlyDirectoryOfTheHostIsNotWritten() throws IOException {
        Path directory = shared();
        Commands.Result result = script("cat /ctr/file; echo back >/ctr/new", "-v", directory + ":/ctr:ro");
        assertTrue(result.err().contains("Read-only file system"), result::toString);
        assertEquals("of the host\n", result.out());
        assertFalse(Files.exists(directory.resolve("new")));
    }

    @Test
    void oneFileOfTheHostCanBeMounted() throws IOException {
        assertEquals("of the host", inside("cat /etc/deep/er", "-v", shared().resolve("file") + ":/etc/deep/er"));
    }

    @Test
    void aSourceOfDashVThatIsMissingBecomesADirectory() throws IOException {
        Path missing = shared().resolve("not/there");
        assertEquals("d", inside("test -d /ctr && echo d", "-v", missing + ":/ctr"));
        assertTrue(Files.isDirectory(missing));
    }

    private static Path shared() throws IOException {
        Path directory = Files.createTempDirectory(engine.scratch(), "shared");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(directory.resolve("file"), "of the host\n");
        return directory;
    }

    @Test
    void limitsStandInTheCgroup() {
        String[] limits = {"-m", "64m", "--cpus", "0.5", "--pids-limit", "20"};
        assertEquals("67108864", inside(either("memory/memory.limit_in_bytes", "memory.max"), limits));
        assertEquals("20", inside(either("pids/pids.max", "pids.max"), limits));
        String quota = inside(either("cpu/cpu.cfs_quota_us", "cpu.max"), limits);
        assertTrue(quota.equals("50000") || quota.equals("50000 100000"), quota);
    }

    /** The first file is of cgroup version 1, the second of version 2. */
    private static String either(String one, String two) {
        return "cat /sys/fs/cgroup/" + one + " 2>/dev/null || cat /sys/fs/cgroup/" + two;
    }

    @Test
    void whoTakesMoreThanItsMemoryIsKilledAndInspectSaysSo() {
        assertEquals(137, run("--name", "berth-test-greedy", "-m", "16m", IMAGE, "dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1").code());
        assertEquals("true 137", inspect("berth-test-greedy", ".State.OOMKilled}} {{.State.ExitCode"));
    }

    @Test
    void whoForksMoreThanItsLimitIsRefused() {
        Commands.Result result = script("for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done", "--pids-limit", "4");
        assertTrue(result.err().contains("can't fork"), result::toString);
    }

    @Test
    void aLimitOfOneProcessIsRoomForTheProgramItself() {
        assertEquals("alone", run("--rm", "--pids-limit", "1", IMAGE, "echo", "alone").succeeded().strip());
    }

    @Test
    void whoIsAtItsLimitOfProcessesCanStillBeLookedInto() {
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(Path.of("/sys/fs/cgroup/pids")), "on cgroup v2 a process is born in its group, and counted");
        String id = runDetached("--pids-limit", "1", IMAGE, "sleep", "1000");
        assertEquals("inside\n", docker("exec", id, "echo", "inside").succeeded());
    }

    @Test
    void withoutANetworkThereIsOnlyTheLoopback() {
        assertEquals("lo", inside("ls /sys/class/net", "--network", "none"));
    }

    @Test
    void onTheBridgeThereIsAnAddressAndARoute() {
        assertEquals("eth0 lo", inside("echo $(ls /sys/class/net)", "--network", "bridge"));
        String gateway = inside("ip route | grep ^default");
        assertTrue(gateway.matches("default via \\d+\\.\\d+\\.\\d+\\.\\d+ dev eth0.*"), gateway);
        String reply = inside("ping -c 1 -W 5 $(ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p')");
        assertTrue(reply.contains("1 packets received"), reply);
    }

    @Test
    void onTheHostsNetworkTheHostsLinksAreSeen() {
        String links = inside("ls /sys/class/net", "--network", "host");
        assertFalse(links.lines().anyMatch("eth0"::equals), links);
        assertEquals(engine.onHost(TestImage.busybox().toString(), "hostname").succeeded().strip(), inside("hostname", "--network", "host"));
        assertEquals(engine.onHost("ip", "-o", "link").succeeded().lines().count(), links.lines().count(), links);
    }

    @Test
    void aTerminalIsThereOnlyWhenAskedFor() {
        assertEquals("not a tty", script("tty").out().strip());
        assertEquals("/dev/pts/0 xterm", inside("echo $(tty) $TERM", "-t"));
    }
}
