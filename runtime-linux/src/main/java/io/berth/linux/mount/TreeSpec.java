package io.berth.linux.mount;

import io.berth.linux.file.BytePath;
import java.util.List;

/**
 * What a container's file tree is made of.
 *
 * @param lower directories of the image's layers, the topmost first
 * @param upper the container's own changes
 * @param work on the same file system as {@code upper}
 * @param mounts in the order of their destinations' depth
 * @param cgroups what {@code /sys/fs/cgroup} shows
 * @param privileged the host's devices too, and nothing write-protected
 * @param shmSize of {@code /dev/shm}, in bytes
 * @param workingDirectory made when it is missing
 */
public record TreeSpec(List<String> lower, String upper, String work, List<MountSpec> mounts, CgroupView cgroups,
        boolean privileged, long shmSize, BytePath workingDirectory) {

    /** How the container sees its cgroups. */
    public sealed interface CgroupView {

        /** cgroup v2, seen from the container's own cgroup namespace. */
        record Unified() implements CgroupView {
        }

        /** cgroup v1: the container's directory of each hierarchy. */
        record Hierarchies(List<Hierarchy> directories) implements CgroupView {
        }
    }

    /** One v1 hierarchy's name below {@code /sys/fs/cgroup} and the container's directory in it on the host. */
    public record Hierarchy(String name, String directory) {
    }
}
