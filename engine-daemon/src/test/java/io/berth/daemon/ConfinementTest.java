package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a container's program may do: rights, system calls and files of the kernel. */
class ConfinementTest extends ContainerTest {

    private static final long DEFAULT_CAPABILITIES = 0xa80425fbL;
    private static final long NET_ADMIN = 1L << 12;
    private static final long CHOWN = 1L;

    @Test
    void rootHasTheFourteenDefaultCapabilities() {
        assertEquals(DEFAULT_CAPABILITIES, capabilities("CapEff"));
        assertEquals(DEFAULT_CAPABILITIES, capabilities("CapPrm"));
        assertEquals(DEFAULT_CAPABILITIES, capabilities("CapBnd"));
        assertEquals(0, capabilities("CapInh"));
        assertEquals(0, capabilities("CapAmb"));
    }

    @Test
    void anotherUserHasNoCapabilities() {
        assertEquals(0, capabilities("CapEff", "-u", "1000"));
        assertEquals(DEFAULT_CAPABILITIES, capabilities("CapBnd", "-u", "1000"));
    }

    @Test
    void capabilitiesAreAddedAndDropped() {
        assertEquals(DEFAULT_CAPABILITIES | NET_ADMIN, capabilities("CapEff", "--cap-add", "NET_ADMIN"));
        assertEquals(DEFAULT_CAPABILITIES & ~CHOWN, capabilities("CapEff", "--cap-drop", "CAP_CHOWN"));
        assertEquals(NET_ADMIN, capabilities("CapEff", "--cap-drop", "ALL", "--cap-add", "net_admin"));
        assertFails(125, "invalid CapAdd: unknown capability: \"CAP_FLYING\"", script("true", "--cap-add", "flying"));
    }

    @Test
    void withoutTheCapabilityTheKernelRefuses() {
        assertTrue(script("chown 1:1 /tmp", "--cap-drop", "CHOWN").err().contains("Operation not permitted"));
        assertTrue(script("ip link set lo down").err().contains("Operation not permitted"));
        script("ip link set lo down", "--cap-add", "NET_ADMIN").succeeded();
    }

    private static long capabilities(String set, String... options) {
        return Long.parseUnsignedLong(status(set, options), 16);
    }

    private static String status(String field, String... options) {
        return inside("sed -n 's/^" + field + ":\\t//p' /proc/self/status", options);
    }

    @Test
    void systemCallsAreFiltered() {
        assertEquals("2", status("Seccomp"));
        assertEquals("2", status("Seccomp", "-u", "1000"));
        assertEquals("0", status("Seccomp", "--security-opt", "seccomp=unconfined"));
        assertTrue(script("unshare -r true").err().contains("Operation not permitted"));
        assertTrue(script("mount -t tmpfs none /tmp").err().contains("permission denied"));
    }

    @Test
    void newPrivilegesAreRefusedWhenAskedFor() {
        assertEquals("0", status("NoNewPrivs"));
        assertEquals("1", status("NoNewPrivs", "--security-opt", "no-new-privileges"));
        assertEquals("2", status("Seccomp", "--security-opt", "no-new-privileges"));
    }

    @Test
    void filesThatTellOfTheHostAreEmpty() {
        for (String path : List.of("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/interrupts")) {
            assertEquals("0", inside("if [ -e " + path + " ]; then cat " + path + " | wc -c; else echo 0; fi"), path);
        }
        for (String path : List.of("/proc/acpi", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap")) {
            assertEquals("0", inside("ls " + path + " 2>/dev/null | wc -l"), path);
        }
    }

    @Test
    void theKernelsSwitchesAreReadOnly() {
        for (String path : List.of("/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/proc/irq/default_smp_affinity", "/sys/kernel/uevent_helper",
                "/sys/fs/cgroup/made")) {
            Commands.Result result = script("if [ ! -e " + path + " ] && [ ! -d ${" + "0%/*} ]; then echo Read-only; else echo x >" + path + "; fi");
            assertTrue(result.toString().contains("Read-only"), result::toString);
        }
    }

    @Test
    void thereAreTheDevicesEveryProgramMayUseAndNoOthers() {
        assertEquals("console fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero",
                inside("echo $(ls /dev | grep -v '^core$')", "-t"), "core is there where the kernel has /proc/kcore");
        assertEquals("1 0", inside("head -c 1 /dev/zero | wc -c; cat /dev/null | wc -c").replace('\n', ' '));
        Commands.Result node = script("mknod /tmp/disk b 8 0 && cat /tmp/disk");
        assertTrue(node.err().contains("Operation not permitted"), node::toString);
    }

    @Test
    void processesOfTheHostAreNotSeen() {
        assertEquals("1", inside("echo $$"));
        assertEquals("0", inside("ls -d /proc/[0-9]* | grep -v -e '/1$' | xargs -n 1 cat 2>/dev/null | wc -c"));
        assertTrue(Integer.parseInt(inside("ls -d /proc/[0-9]* | wc -l")) <= 4);
    }

    @Test
    void aPrivilegedContainerIsNotConfined() {
        engine.requireBerth("the reference asks for every capability of the kernel, and fails where root does not have them all");
        assertEquals("0", status("Seccomp", "--privileged"));
        assertEquals(Long.parseUnsignedLong(Commands.run("sed", "-n", "s/^CapBnd:\\t//p", "/proc/self/status").succeeded().strip(), 16),
                capabilities("CapEff", "--privileged"));
        script("mount -t tmpfs none /tmp && hostname privileged && echo 1 >/proc/sys/net/ipv4/ip_forward", "--privileged").succeeded();
        assertTrue(inside("cat /proc/interrupts", "--privileged").contains("CPU0"));
        assertTrue(Integer.parseInt(inside("ls /dev | wc -l", "--privileged")) > 20);
    }
}
