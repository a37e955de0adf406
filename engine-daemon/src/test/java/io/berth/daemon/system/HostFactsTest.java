package io.berth.daemon.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFactsTest {

    @TempDir
    Path root;

    @Test
    void theMachineIsDescribedAsItsFilesSay() throws IOException {
        file("proc/sys/kernel/osrelease", "6.18.44\n");
        file("proc/sys/kernel/hostname", "ship\n");
        file("proc/meminfo", "MemTotal:       24684084 kB\nMemFree:  1 kB\n");
        file("proc/sys/net/ipv4/ip_forward", "1\n");
        file("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\n");
        file("proc/self/fd/0", "");
        file("proc/self/fd/1", "");
        HostFacts facts = new HostFacts(root);
        assertEquals("6.18.44", facts.kernelVersion());
        assertEquals("ship", facts.hostName());
        assertEquals(25276502016L, facts.memory());
        assertTrue(facts.forwardsIpv4());
        assertEquals("Debian GNU/Linux 12 (bookworm)", facts.operatingSystem());
        assertEquals("12", facts.operatingSystemVersion());
        assertEquals(2, facts.openFiles());
    }

    @Test
    void controllersOnTreesOfTheirOwnAreVersionOne() throws IOException {
        file("sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "");
        file("sys/fs/cgroup/pids/tasks", "");
        file("sys/fs/cgroup/unified/cgroup.controllers", "hugetlb\n");
        HostFacts facts = new HostFacts(root);
        assertFalse(facts.hasUnifiedCgroups());
        assertEquals(Set.of("memory", "pids"), facts.cgroupControllers());
        assertTrue(facts.canLimitSwap());
        assertEquals(List.of("name=seccomp,profile=builtin"), facts.securityOptions());
    }

    @Test
    void oneTreeForAllControllersIsVersionTwo() throws IOException {
        file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
        HostFacts facts = new HostFacts(root);
        assertTrue(facts.hasUnifiedCgroups());
        assertEquals(Set.of("cpuset", "cpu", "io", "memory", "pids"), facts.cgroupControllers());
        assertTrue(facts.securityOptions().contains("name=cgroupns"));
    }

    @Test
    void whatIsNotThereIsNotMadeUp() {
        HostFacts facts = new HostFacts(root);
        assertEquals("", facts.kernelVersion());
        assertEquals(0, facts.memory());
        assertFalse(facts.forwardsIpv4());
        assertEquals("Linux", facts.operatingSystem());
        assertEquals(Set.of(), facts.cgroupControllers());
    }

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
