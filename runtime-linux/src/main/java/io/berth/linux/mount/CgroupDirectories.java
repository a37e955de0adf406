package io.berth.linux.mount;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code /sys/fs/cgroup} on a host with cgroup v1: a tmpfs with the container's own directory of each hierarchy. */
record CgroupDirectories(List<PlannedMount> mounts, List<Fd> opened) {

    private static final String PATH = "/sys/fs/cgroup";
    private static final long ATTRIBUTES = MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_DEVICES | MountCalls.ATTR_NO_EXEC;

    static CgroupDirectories make(Kernel kernel, List<TreeSpec.Hierarchy> hierarchies, boolean readOnly) {
        MountCalls calls = new MountCalls(kernel);
        List<PlannedMount> mounts = new ArrayList<>();
        List<Fd> opened = new ArrayList<>();
        long attributes = readOnly ? ATTRIBUTES | MountCalls.ATTR_READ_ONLY : ATTRIBUTES;
        try (MountCalls.Context tmpfs = calls.open("tmpfs")) {
            Fd parent = tmpfs.set("source", "tmpfs").set("mode", "755").mount(ATTRIBUTES);
            opened.add(parent);
            mounts.add(new PlannedMount.PreparedAt(parent, PATH));
            try (Directory directory = new Directory(kernel, kernel.open(SystemCall.OPENAT, parent, Argument.of("."),
                    Argument.of(FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC), Argument.NULL))) {
                hierarchies.forEach(hierarchy -> directory.makeDirectory(FileName.of(hierarchy.name()), 0755));
            }
            if (readOnly) {
                calls.setAttributes(parent, MountCalls.ATTR_READ_ONLY, 0, false);
            }
            for (TreeSpec.Hierarchy hierarchy : hierarchies) {
                Fd mount = calls.copyTree(hierarchy.directory().getBytes(StandardCharsets.UTF_8), false);
                opened.add(mount);
                calls.setAttributes(mount, attributes, MountCalls.MS_PRIVATE, false);
                mounts.add(new PlannedMount.PreparedAt(mount, PATH + "/" + hierarchy.name()));
            }
            return new CgroupDirectories(mounts, opened);
        } catch (RuntimeException failure) {
            opened.forEach(Fd::close);
            throw failure;
        }
    }
}
