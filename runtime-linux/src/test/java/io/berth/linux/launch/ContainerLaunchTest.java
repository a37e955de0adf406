package io.berth.linux.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.file.BytePath;
import io.berth.linux.kernel.Architecture;
import io.berth.linux.mount.MountCalls;
import io.berth.linux.mount.MountSpec;
import io.berth.linux.security.Capabilities;
import io.berth.linux.security.SeccompCompiler;
import io.berth.linux.security.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers as the kernel sees them; needs root. */
class ContainerLaunchTest {

    @TempDir
    Path temporary;
    private TestContainer container;

    @BeforeEach
    void makeContainer() throws IOException {
        container = new TestContainer(temporary);
    }

    @AfterEach
    void closeContainer() {
        container.close();
    }

    @Test
    void theProgramIsTheFirstProcessOfItsOwnHost() throws IOException {
        TestContainer.Result result = container.sh("echo $$; hostname; cat /proc/sys/kernel/domainname; pwd; exit 42");
        assertEquals("", result.failure());
        assertEquals("1\nbox\nexample\n/\n", result.output());
        assertEquals(42, result.exitCode());
    }

    @Test
    void itSeesItsOwnFileTreeAlone() throws IOException {
        String listed = container.sh("ls /").output();
        assertEquals("bin\ndev\nproc\nsys\n", listed);
        String mounts = container.sh("cat /proc/self/mountinfo").output();
        assertFalse(mounts.contains(temporary.toString() + "/staging"), mounts);
        for (String destination : List.of("/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup")) {
            assertTrue(mounts.contains(" " + destination + " "), destination + " in\n" + mounts);
        }
        assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(temporary.toString()));
    }

    @Test
    void devicesAreThereAndWork() throws IOException {
        TestContainer.Result result = container.sh("echo x > /dev/null; dd if=/dev/zero bs=3 count=1 2>&- | wc -c; "
                + "ls /dev; readlink /dev/fd; echo err > /dev/stderr; stat -c '%a' /dev/null /dev/shm");
        assertEquals("3\nconsole\ncore\nfd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n"
                + "/proc/self/fd\nerr\n666\n1777\n", result.output());
    }

    @Test
    void kernelFilesAreHiddenOrWriteProtected() throws IOException {
        TestContainer.Result result = container.sh("wc -c < /proc/interrupts; ls /sys/firmware | wc -l; cat /proc/sys/kernel/shmmni; "
                + "echo 1 > /proc/sys/kernel/shmmni || echo refused; touch /sys/x || echo refused");
        assertTrue(result.output().startsWith("0\n0\n512\n"), result.output());
        assertEquals(2, result.output().split("refused", -1).length - 1, result.output());
    }

    @Test
    void changesGoToItsOwnDirectory() throws IOException {
        container.sh("mkdir /made; echo content > /made/file");
        assertEquals("content\n", Files.readString(container.changes.resolve("upper/made/file")));
        assertFalse(Files.exists(container.image.resolve("made")));
    }

    @Test
    void aReadOnlyRootCannotBeWritten() throws IOException {
        container.readOnlyRoot = true;
        assertTrue(container.sh("touch /x; echo ok > /dev/shm/x && cat /dev/shm/x").output().endsWith("Read-only file system\nok\n"));
    }

    @Test
    void bindMountsAndTmpfsAppearWhereTheyWereAskedFor() throws IOException {
        Path source = Files.createDirectories(temporary.resolve("source/below"));
        Files.writeString(source.resolve("file"), "from the host\n");
        Path single = Files.writeString(temporary.resolve("single"), "one file\n");
        container.mounts.add(bind(source.getParent(), "/data", false));
        container.mounts.add(new MountSpec.Tmpfs(BytePath.of("/data/below/tmp"), MountCalls.ATTR_NO_EXEC, Map.of("size", "1m", "mode", "700")));
        container.mounts.add(bind(single, "/etc/new/name", true));
        TestContainer.Result result = container.sh("cat /data/below/file /etc/new/name; stat -c %a /data/below/tmp; "
                + "echo x > /data/written; echo x > /etc/new/name || echo refused");
        assertEquals("", result.failure());
        assertTrue(result.output().startsWith("from the host\none file\n700\n"), result.output());
        assertTrue(result.output().endsWith("refused\n"), result.output());
        assertTrue(Files.exists(temporary.resolve("source/written")));
    }

    @Test
    void aDestinationBehindALinkOfTheImageLiesOnWhatIsMountedThere() throws IOException {
        Files.createDirectories(container.image.resolve("var"));
        Files.createSymbolicLink(container.image.resolve("var/run"), Path.of("/run"));
        Path single = Files.writeString(temporary.resolve("single"), "seen\n");
        container.mounts.add(new MountSpec.Tmpfs(BytePath.of("/run"), 0, Map.of()));
        container.mounts.add(bind(single, "/var/run/name", false));
        assertEquals("seen\n", container.sh("cat /run/name").output());
    }

    @Test
    void aLinkOfTheImageNeverLeadsOutOfIt() throws IOException {
        Path outside = Files.createDirectories(temporary.resolve("outside"));
        Files.createSymbolicLink(container.image.resolve("proc"), Path.of("../../../../../.." + outside));
        assertEquals("1\n", container.sh("echo $$").output());
        assertEquals(0, outside.toFile().list().length);
    }

    @Test
    void anUnprivilegedUserHasNoCapabilities() throws IOException {
        container.user = new ProcessSpec.Credentials(1000, 1001, List.of(1001, 7));
        container.seccomp = Optional.of(defaultFilter());
        TestContainer.Result result = container.sh("id; grep -E 'Cap(Prm|Eff|Amb)|Seccomp:|NoNewPrivs' /proc/self/status");
        assertEquals("uid=1000 gid=1001 groups=7,1001\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
                + "CapAmb:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t2\n", result.output());
    }

    @Test
    void rootHasTheDefaultCapabilitiesAndTheFilter() throws IOException {
        container.seccomp = Optional.of(defaultFilter());
        TestContainer.Result result = container.sh("grep -E 'Cap|Seccomp:' /proc/self/status; mount -t tmpfs x /dev/shm || echo refused");
        assertTrue(result.output().startsWith("CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\n"
                + "CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nSeccomp:\t2\n"), result.output());
        assertTrue(result.output().endsWith("refused\n"));
    }

    @Test
    void rootWithoutAnyCapabilityIsFilteredToo() throws IOException {
        container.capabilities = Capabilities.NONE;
        container.seccomp = Optional.of(defaultFilter());
        container.noNewPrivileges = true;
        assertEquals("CapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n",
                container.sh("grep -E 'CapBnd|Seccomp:|NoNewPrivs' /proc/self/status").output());
    }

    @Test
    void theProgramIsLookedForInSeveralPlaces() throws IOException {
        TestContainer.Result result = container.run(List.of("/nowhere/echo", "/bin/echo"), "echo", "found");
        assertEquals("found\n", result.output());
        TestContainer.Result missing = container.run(List.of("/sbin/nosuch", "/bin/nosuch"), "nosuch");
        assertEquals("execute /bin/nosuch: ENOENT", missing.failure());
    }

    @Test
    void onlyTheStandardStreamsStayOpen() throws IOException {
        assertEquals("0\n1\n2\n3\n", container.sh("ls /proc/self/fd").output());
    }

    @Test
    void noDescriptorOfTheHostServesAsWorkingDirectoryOrProgram() throws IOException {
        for (int fd = 0; fd < 100; fd++) {
            container.directory = "/proc/self/fd/" + fd;
            TestContainer.Result result = container.sh("pwd");
            assertTrue(result.failure().startsWith("change to the working directory: "), fd + ": " + result);
            container.directory = "/";
            result = container.run(List.of("/proc/self/fd/" + fd + "/../../../../bin/sh"), "sh", "-c", "echo out");
            assertTrue(result.failure().startsWith("execute "), fd + ": " + result);
        }
    }

    private static byte[] defaultFilter() {
        return new SeccompCompiler(Architecture.current(), SeccompProfile.standard()).filter(Capabilities.DEFAULT).instructions();
    }

    private static MountSpec bind(Path source, String destination, boolean readOnly) {
        return new MountSpec.Bind(BytePath.of(source.toString()), BytePath.of(destination), readOnly, true);
    }
}
