package io.berth.linux.cgroup;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The unified hierarchy (the kernel's Documentation/admin-guide/cgroup-v2): one group a container. */
final class CgroupV2 implements CgroupTree {

    private static final List<String> WANTED = List.of("cpu", "cpuset", "io", "memory", "pids");
    private static final String SUBTREE_CONTROL = "cgroup.subtree_control";
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    /** Where processes go that sit where no process may. The name is what other engines use inside a container. */
    private static final String LEAF = "init";

    private final Kernel kernel;
    private final CgroupDirectory root;
    private final CgroupDirectory parent;
    private final String parentName;
    private final CgroupSupport support;
    private final DevicePrograms devices;
    private final CgroupRemoval removal = new CgroupRemoval(id -> parent().removeTree(id), PATIENCE);

    private CgroupV2(Kernel kernel, CgroupDirectory root, CgroupDirectory parent, String parentName) {
        this.kernel = kernel;
        this.root = root;
        this.parent = parent;
        this.parentName = parentName;
        this.support = detectSupport(root, parent);
        this.devices = new DevicePrograms(kernel);
    }

    static CgroupV2 open(Kernel kernel, String mountPoint, String parentName) {
        CgroupDirectory root = CgroupDirectory.open(kernel, mountPoint);
        enableControllers(root);
        CgroupDirectory parent = root.makeOrOpen(parentName);
        enableControllers(parent);
        return new CgroupV2(kernel, root, parent, parentName);
    }

    /** Hands the controllers down to the groups below. One that the kernel refuses is missing from {@link #support()}. */
    private static void enableControllers(CgroupDirectory group) {
        Set<String> available = words(group, "cgroup.controllers");
        Set<String> enabled = words(group, SUBTREE_CONTROL);
        List<String> missing = WANTED.stream().filter(wanted -> available.contains(wanted) && !enabled.contains(wanted)).toList();
        if (missing.isEmpty()) {
            return;
        }
        if (isOrdinary(group) && !group.read("cgroup.procs").isEmpty()) {
            makeRoom(group);
        }
        try (Fd file = group.open(SUBTREE_CONTROL, FileCalls.O_WRONLY)) {
            missing.forEach(controller -> CgroupDirectory.succeeds(() -> group.write(file, '+' + controller), Errno.EBUSY,
                    Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOENT));
        }
    }

    /** Every group but the machine's real root has a type. */
    private static boolean isOrdinary(CgroupDirectory group) {
        return group.has("cgroup.type");
    }

    /**
     * An ordinary group that hands controllers down may hold no process itself. Inside a container the root we see is such
     * a group, full of processes: they move to a leaf. This must come before any controller is enabled: some of them can be,
     * and then turn the group into a threaded one, in which no leaf takes a process.
     */
    private static void makeRoom(CgroupDirectory group) {
        try (CgroupDirectory leaf = group.makeOrOpen(LEAF); Fd procs = leaf.open("cgroup.procs", FileCalls.O_WRONLY)) {
            for (String pid : words(group, "cgroup.procs")) {
                // ESRCH: it ended meanwhile.
                CgroupDirectory.succeeds(() -> leaf.write(procs, pid), Errno.ESRCH);
            }
        } catch (SystemCallException refused) {
            throw new CgroupException("cannot move the processes of " + group.path() + " to a group below it, which the "
                    + "kernel wants before it limits containers: " + refused.errno().describe(), refused);
        }
    }

    private static Set<String> words(CgroupDirectory group, String file) {
        String text = group.read(file);
        return text.isEmpty() ? Set.of() : Set.of(text.split("\\s+"));
    }

    private static CgroupSupport detectSupport(CgroupDirectory root, CgroupDirectory parent) {
        Set<String> enabled = words(parent, SUBTREE_CONTROL);
        boolean memory = enabled.contains("memory");
        boolean cpu = enabled.contains("cpu");
        boolean cpuset = enabled.contains("cpuset");
        return new CgroupSupport(memory, memory && parent.has("memory.swap.max"), memory, cpu, cpu, cpuset,
                enabled.contains("pids"), cpuset ? root.read("cpuset.cpus.effective") : "",
                cpuset ? root.read("cpuset.mems.effective") : "");
    }

    CgroupDirectory parent() {
        return parent;
    }

    @Override
    public int version() {
        return 2;
    }

    @Override
    public CgroupSupport support() {
        return support;
    }

    @Override
    public ContainerCgroup create(String id, Limits limits, DeviceRules rules) {
        removal.await(id);
        ContainerCgroupV2 group = existingGroup(id);
        try {
            parent.makeFresh(id);
            group.write(limits, LimitFiles.ofNewGroup());
            if (!rules.everything()) {
                devices.use(rules, group::attach);
            }
            return group;
        } catch (RuntimeException failure) {
            removeAfter(failure, id);
            throw failure;
        }
    }

    private void removeAfter(RuntimeException failure, String id) {
        try {
            parent.removeTree(id);
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
    }

    @Override
    public ContainerCgroup existing(String id) {
        return existingGroup(id);
    }

    private ContainerCgroupV2 existingGroup(String id) {
        return new ContainerCgroupV2(kernel, this, '/' + parentName + '/' + id, id);
    }

    @Override
    public List<String> ids() {
        List<String> ids = new ArrayList<>();
        parent.groups().forEach(name -> ids.add(new String(name, StandardCharsets.UTF_8)));
        return ids;
    }

    @Override
    public CompletableFuture<Void> remove(String id) {
        return removal.start(id);
    }

    @Override
    public OomWatch watchOom(Consumer<String> listener) {
        EventLoop loop = new EventLoop(kernel, (thread, failure) -> thread.getThreadGroup().uncaughtException(thread, failure));
        return new OomThread(loop, new OomSourceV2(kernel, loop, this), listener);
    }

    @Override
    public void close() {
        removal.close();
        devices.close();
        parent.close();
        root.removeIfUnused(parentName);
        root.close();
    }
}
