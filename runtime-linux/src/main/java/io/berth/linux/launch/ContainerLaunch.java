package io.berth.linux.launch;

import static io.berth.linux.kernel.SystemCall.CHDIR;
import static io.berth.linux.kernel.SystemCall.FCHDIR;
import static io.berth.linux.kernel.SystemCall.MKDIRAT;
import static io.berth.linux.kernel.SystemCall.MOUNT;
import static io.berth.linux.kernel.SystemCall.MOVE_MOUNT;
import static io.berth.linux.kernel.SystemCall.OPEN_TREE;
import static io.berth.linux.kernel.SystemCall.PIVOT_ROOT;
import static io.berth.linux.kernel.SystemCall.SETDOMAINNAME;
import static io.berth.linux.kernel.SystemCall.SETHOSTNAME;
import static io.berth.linux.kernel.SystemCall.SETNS;
import static io.berth.linux.kernel.SystemCall.UMOUNT2;
import static io.berth.linux.kernel.SystemCall.UNSHARE;
import static io.berth.linux.mount.MountCalls.MNT_DETACH;
import static io.berth.linux.mount.MountCalls.MOVE_MOUNT_F_EMPTY_PATH;
import static io.berth.linux.mount.MountCalls.MOVE_MOUNT_T_EMPTY_PATH;
import static io.berth.linux.mount.MountCalls.MS_BIND;
import static io.berth.linux.mount.MountCalls.MS_NODEV;
import static io.berth.linux.mount.MountCalls.MS_NOEXEC;
import static io.berth.linux.mount.MountCalls.MS_NOSUID;
import static io.berth.linux.mount.MountCalls.MS_PRIVATE;
import static io.berth.linux.mount.MountCalls.MS_RDONLY;
import static io.berth.linux.mount.MountCalls.MS_REC;
import static io.berth.linux.mount.MountCalls.MS_REMOUNT;
import static io.berth.linux.mount.MountCalls.OPEN_TREE_CLONE;

import io.berth.linux.cgroup.Join;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.mount.PlannedMount;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The start of a container, from the launcher's first step to the program's first instruction. Everything that had to be
 * looked up was looked up by the daemon: the plan only moves descriptors into place.
 *
 * @param root the container's root file system, detached
 * @param staging an empty directory of the host on which the root stands for a moment before it becomes the root
 * @param masked paths below proc and sysfs to hide, and whether each is a directory
 * @param readOnly paths below proc and sysfs to write-protect
 * @param cgroup the way into the container's cgroup
 * @param network the network namespace to join; without one the container shares the host's
 * @param newNamespaces CLONE_NEW… for the rest
 * @param started stays open in the launcher until the program runs or the launch has failed
 */
public record ContainerLaunch(Fd root, String staging, List<PlannedMount> mounts, boolean readOnlyRoot,
        Map<String, Boolean> masked, List<String> readOnly, Map<String, String> sysctls, Join cgroup,
        Optional<Fd> network, long newNamespaces, Optional<String> hostname, Optional<String> domainname, Stdio stdio,
        ProcessSpec process, Fd started) {

    public LaunchPlan plan() {
        LaunchPlan plan = new LaunchPlan();
        ProcessPlan.hideMemory(plan);
        List<LaunchPlan.Step> groups = ProcessPlan.openCgroups(plan, cgroup);
        network.ifPresent(namespace -> plan.step("join the network namespace", SETNS,
                new Operand.Inherited(namespace, "network namespace"), Operand.of(LaunchPlan.CLONE_NEWNET)));
        plan.fork((newNamespaces | LaunchPlan.CLONE_NEWNS) & ~LaunchPlan.CLONE_NEWCGROUP, ProcessPlan.birthplace(cgroup));
        ProcessPlan.joinCgroups(plan, groups);
        if ((newNamespaces & LaunchPlan.CLONE_NEWCGROUP) != 0) {
            // Not in the clone, where the namespace's root would be the launcher's cgroup.
            plan.step("make a cgroup namespace", UNSHARE, Operand.of(LaunchPlan.CLONE_NEWCGROUP));
        }
        plan.step("make all mounts private", MOUNT, Operand.of("none"), Operand.of("/"), Operand.of(0),
                Operand.of(MS_REC | MS_PRIVATE), Operand.of(0));
        Map<PlannedMount, LaunchPlan.Step> sources = openHostDirectories(plan);
        changeRoot(plan);
        mounts.forEach(mount -> mount(plan, mount, sources));
        ProcessPlan.openStdio(plan, stdio, process.credentials());
        nameHost(plan);
        sysctls.forEach((name, value) -> writeSysctl(plan, name, value));
        protectPaths(plan);
        ProcessPlan.joinKeyring(plan);
        ProcessPlan.adjustOomScore(plan, process);
        ProcessPlan.becomeProgram(plan, process, started);
        return plan;
    }

    /** While the host's names are still there. */
    private Map<PlannedMount, LaunchPlan.Step> openHostDirectories(LaunchPlan plan) {
        Map<PlannedMount, LaunchPlan.Step> opened = new HashMap<>();
        for (PlannedMount mount : mounts) {
            if (mount instanceof PlannedMount.HostDirectory directory) {
                opened.put(mount, plan.step("open " + directory.source(), OPEN_TREE, Operand.of(FileCalls.AT_FDCWD),
                        Operand.of(directory.source()), Operand.of(OPEN_TREE_CLONE | FileCalls.O_CLOEXEC)));
            }
        }
        return opened;
    }

    /** pivot_root(2), "pivot_root(\".\", \".\")": the old root ends up on top of the new one and is unmounted from there. */
    private void changeRoot(LaunchPlan plan) {
        plan.step("mount the root file system", MOVE_MOUNT, new Operand.Inherited(root, "root"), Operand.of(""),
                Operand.of(FileCalls.AT_FDCWD), Operand.of(staging), Operand.of(MOVE_MOUNT_F_EMPTY_PATH));
        plan.step("enter the root file system", FCHDIR, new Operand.Inherited(root, "root"));
        plan.step("change the root", PIVOT_ROOT, Operand.of("."), Operand.of("."));
        plan.step("leave the host's root", UMOUNT2, Operand.of("."), Operand.of(MNT_DETACH));
        plan.step("enter the new root", CHDIR, Operand.of("/"));
    }

    private static void mount(LaunchPlan plan, PlannedMount mount, Map<PlannedMount, LaunchPlan.Step> sources) {
        String name = "mount " + mount.destination();
        switch (mount) {
            case PlannedMount.Prepared prepared -> plan.step(name, MOVE_MOUNT,
                    new Operand.Inherited(prepared.mount(), "mount"), Operand.of(""),
                    new Operand.Inherited(prepared.target(), "target"), Operand.of(""),
                    Operand.of(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
            case PlannedMount.PreparedAt prepared -> plan.step(name, MOVE_MOUNT,
                    new Operand.Inherited(prepared.mount(), "mount"), Operand.of(""), Operand.of(FileCalls.AT_FDCWD),
                    Operand.of(prepared.destination()), Operand.of(MOVE_MOUNT_F_EMPTY_PATH));
            case PlannedMount.Fresh fresh -> {
                plan.step("go to " + fresh.destination(), FCHDIR, new Operand.Inherited(fresh.target(), "target"));
                plan.step("mount " + fresh.type() + " on " + fresh.destination(), MOUNT, Operand.of(fresh.type()),
                        Operand.of("."), Operand.of(fresh.type()), Operand.of(fresh.flags()), Operand.of(0));
            }
            case PlannedMount.FreshAt fresh -> plan.step("mount " + fresh.type() + " on " + fresh.destination(), MOUNT,
                    Operand.of(fresh.type()), Operand.of(fresh.destination()), Operand.of(fresh.type()),
                    Operand.of(fresh.flags()), fresh.options().isEmpty() ? Operand.of(0) : Operand.of(fresh.options()));
            case PlannedMount.HostDirectory directory -> {
                plan.step(name, MOVE_MOUNT, new Operand.ResultOf(sources.get(directory)), Operand.of(""),
                        Operand.of(FileCalls.AT_FDCWD), Operand.of(directory.destination()), Operand.of(MOVE_MOUNT_F_EMPTY_PATH));
                setFlags(plan, directory.destination(), directory.flags());
            }
            case PlannedMount.Directory directory -> plan.step("make " + directory.destination(), MKDIRAT,
                    Operand.of(FileCalls.AT_FDCWD), Operand.of(directory.destination()), Operand.of(0755));
            case PlannedMount.Flags flags -> setFlags(plan, flags.destination(), flags.flags());
        }
    }

    private static void setFlags(LaunchPlan plan, String destination, long flags) {
        plan.step("set the flags of " + destination, MOUNT, Operand.of("none"), Operand.of(destination), Operand.of(0),
                Operand.of(MS_REMOUNT | MS_BIND | flags), Operand.of(0));
    }

    private void nameHost(LaunchPlan plan) {
        hostname.ifPresent(name -> plan.step("set the host name", SETHOSTNAME, Operand.of(name), Operand.of(length(name))));
        domainname.ifPresent(name -> plan.step("set the domain name", SETDOMAINNAME, Operand.of(name), Operand.of(length(name))));
    }

    private static void writeSysctl(LaunchPlan plan, String name, String value) {
        ProcessPlan.writeFile(plan, "set sysctl " + name, "/proc/sys/" + name.replace('.', '/'), value);
    }

    private void protectPaths(LaunchPlan plan) {
        for (String path : readOnly) {
            plan.step("bind " + path, MOUNT, Operand.of(path), Operand.of(path), Operand.of(0), Operand.of(MS_BIND | MS_REC),
                    Operand.of(0));
            plan.step("write-protect " + path, MOUNT, Operand.of("none"), Operand.of(path), Operand.of(0),
                    Operand.of(MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC), Operand.of(0));
        }
        masked.forEach((path, directory) -> {
            if (directory) {
                plan.step("hide " + path, MOUNT, Operand.of("tmpfs"), Operand.of(path), Operand.of("tmpfs"),
                        Operand.of(MS_RDONLY), Operand.of("size=0"));
            } else {
                plan.step("hide " + path, MOUNT, Operand.of("/dev/null"), Operand.of(path), Operand.of(0), Operand.of(MS_BIND),
                        Operand.of(0));
            }
        });
        if (readOnlyRoot) {
            plan.step("write-protect the root file system", MOUNT, Operand.of("none"), Operand.of("/"), Operand.of(0),
                    Operand.of(MS_REMOUNT | MS_BIND | MS_RDONLY), Operand.of(0));
        }
    }

    private static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
