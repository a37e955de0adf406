package io.berth.linux.cgroup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Where the cgroup file systems are mounted, from /proc/self/mountinfo (proc_pid_mountinfo(5)). */
record CgroupMounts(List<Hierarchy> version1, Optional<String> version2) {

    /** The controllers of version 1 (man 7 cgroups); other options of the mount are not controllers. */
    private static final Set<String> CONTROLLERS = Set.of("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio",
            "pids", "net_cls", "net_prio", "perf_event", "hugetlb", "rdma", "misc");

    /**
     * One hierarchy of version 1.
     *
     * @param controllers those bound to it; {@code name=systemd} for one that only groups processes
     */
    record Hierarchy(Set<String> controllers, String mountPoint) {
        boolean has(String controller) {
            return controllers.contains(controller);
        }
    }

    static CgroupMounts parse(List<String> mountinfo) {
        List<Hierarchy> version1 = new ArrayList<>();
        Optional<String> version2 = Optional.empty();
        for (String line : mountinfo) {
            String[] halves = line.split(" - ", 2);
            String[] fields = halves[0].split(" ");
            String[] source = halves.length == 2 ? halves[1].split(" ") : new String[0];
            if (source.length < 3) {
                continue;
            }
            String mountPoint = unescape(fields[4]);
            if (source[0].equals("cgroup2") && version2.isEmpty()) {
                version2 = Optional.of(mountPoint);
            } else if (source[0].equals("cgroup")) {
                addOnce(version1, new Hierarchy(controllers(source[2]), mountPoint));
            }
        }
        return new CgroupMounts(List.copyOf(version1), version2);
    }

    /** A hierarchy may be mounted more than once; one place is enough. */
    private static void addOnce(List<Hierarchy> hierarchies, Hierarchy found) {
        if (!found.controllers().isEmpty() && hierarchies.stream().noneMatch(h -> h.controllers().equals(found.controllers()))) {
            hierarchies.add(found);
        }
    }

    private static Set<String> controllers(String options) {
        return Arrays.stream(options.split(",")).filter(option -> CONTROLLERS.contains(option) || option.startsWith("name="))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Blank, tab, newline and backslash appear as three octal digits after a backslash. */
    private static String unescape(String path) {
        return path.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
    }

    /** Limits live on version 1 when the controller of memory or processors does; the kernel binds each to one version. */
    boolean hasControllersInVersion1() {
        return version1.stream().anyMatch(hierarchy -> hierarchy.has("memory") || hierarchy.has("cpu"));
    }
}
