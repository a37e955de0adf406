package io.berth.daemon.container;

import io.berth.linux.cgroup.ContainerCgroup;
import io.berth.linux.launch.LaunchPlan;
import io.berth.linux.mount.TreeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a container sees its cgroups, by the defaults of the reference engine: on version 2 from a cgroup namespace of its own,
 * on version 1 from the host's namespace, its own directory of each hierarchy.
 */
final class CgroupViews {

    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private final int version;
    /** The names of the version 1 hierarchies below /sys/fs/cgroup that have a group a container. */
    private final List<String> hierarchies;

    CgroupViews(int version) {
        this.version = version;
        this.hierarchies = version == 1 ? hierarchies() : List.of();
    }

    /** A namespace for the clone, or 0. */
    long namespace() {
        return version == 2 ? LaunchPlan.CLONE_NEWCGROUP : 0;
    }

    TreeSpec.CgroupView of(ContainerCgroup cgroup) {
        if (version == 2) {
            return new TreeSpec.CgroupView.Unified();
        }
        List<TreeSpec.Hierarchy> directories = new ArrayList<>();
        for (String name : hierarchies) {
            directories.add(new TreeSpec.Hierarchy(name, ROOT.resolve(name) + cgroup.path()));
        }
        return new TreeSpec.CgroupView.Hierarchies(directories);
    }

    private static List<String> hierarchies() {
        try (var directories = Files.list(ROOT)) {
            return directories.filter(directory -> !Files.isSymbolicLink(directory) && Files.exists(directory.resolve("tasks")))
                    .map(directory -> directory.getFileName().toString()).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot list the cgroup hierarchies in " + ROOT, failure);
        }
    }
}
