package io.berth.linux.cgroup;

import io.berth.linux.cgroup.CgroupMounts.Hierarchy;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Kernel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The old hierarchies: a container has a group in every one that is mounted, because a process is always somewhere in each
 * and leaving it in ours would count it there. The instance's parents are held open, so a container costs one mkdirat and
 * one openat in each.
 */
final class CgroupV1 implements CgroupTree {

    static final String MEMORY_LIMIT = "memory.limit_in_bytes";
    static final String MEMORY_AND_SWAP_LIMIT = "memory.memsw.limit_in_bytes";
    static final String CPU_QUOTA = "cpu.cfs_quota_us";
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private final Kernel kernel;
    private final String parentName;
    private final List<Branch> branches;
    private final CgroupSupport support;
    private final CgroupRemoval removal = new CgroupRemoval(this::removeEverywhere, PATIENCE);

    /** A hierarchy and the instance's parent in it. */
    record Branch(Hierarchy hierarchy, CgroupDirectory root, CgroupDirectory parent) {
        void close(String parentName) {
            parent.close();
            root.removeIfUnused(parentName);
            root.close();
        }
    }

    private CgroupV1(Kernel kernel, String parentName, List<Branch> branches) {
        this.kernel = kernel;
        this.parentName = parentName;
        this.branches = branches;
        this.support = detectSupport();
    }

    static CgroupV1 open(Kernel kernel, List<Hierarchy> hierarchies, String parentName) {
        List<Branch> branches = new ArrayList<>();
        try {
            for (Hierarchy hierarchy : hierarchies) {
                CgroupDirectory root = CgroupDirectory.open(kernel, hierarchy.mountPoint());
                branches.add(new Branch(hierarchy, root, root.makeOrOpen(parentName)));
                if (hierarchy.has("cpuset")) {
                    inheritProcessors(root, branches.getLast().parent());
                }
            }
            return new CgroupV1(kernel, parentName, List.copyOf(branches));
        } catch (RuntimeException failure) {
            branches.forEach(branch -> branch.close(parentName));
            throw failure;
        }
    }

    /** A new cpuset has no processor and takes no process (cpuset(7)); with clone_children it is born with its parent's. */
    private static void inheritProcessors(CgroupDirectory root, CgroupDirectory parent) {
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
            if (parent.read(file).isEmpty()) {
                parent.write(file, root.read(file));
            }
        }
        parent.write("cgroup.clone_children", "1");
    }

    private CgroupSupport detectSupport() {
        Optional<CgroupDirectory> cpuset = parent("cpuset");
        return new CgroupSupport(parentHas("memory", MEMORY_LIMIT), parentHas("memory", MEMORY_AND_SWAP_LIMIT),
                parentHas("memory", "memory.soft_limit_in_bytes"), parentHas("cpu", "cpu.shares"), parentHas("cpu", CPU_QUOTA),
                cpuset.isPresent(), parent("pids").isPresent(),
                cpuset.map(set -> set.read("cpuset.cpus")).orElse(""), cpuset.map(set -> set.read("cpuset.mems")).orElse(""));
    }

    private boolean parentHas(String controller, String file) {
        return parent(controller).map(parent -> parent.has(file)).orElse(false);
    }

    /** The instance's parent in the hierarchy of that controller. */
    Optional<CgroupDirectory> parent(String controller) {
        return branches.stream().filter(branch -> branch.hierarchy().has(controller)).map(Branch::parent).findFirst();
    }

    List<CgroupDirectory> parents() {
        return branches.stream().map(Branch::parent).toList();
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public CgroupSupport support() {
        return support;
    }

    @Override
    public ContainerCgroup create(String id, Limits limits, DeviceRules devices) {
        removal.await(id);
        ContainerCgroupV1 group = existingGroup(id);
        try {
            parents().forEach(parent -> parent.makeFresh(id));
            group.write(limits, LimitFiles.ofNewGroup());
            group.allow(devices);
            return group;
        } catch (RuntimeException failure) {
            removeAfter(failure, id);
            throw failure;
        }
    }

    private void removeAfter(RuntimeException failure, String id) {
        try {
            removeEverywhere(id);
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
    }

    @Override
    public ContainerCgroup existing(String id) {
        return existingGroup(id);
    }

    private ContainerCgroupV1 existingGroup(String id) {
        return new ContainerCgroupV1(kernel, this, '/' + parentName + '/' + id, id);
    }

    @Override
    public List<String> ids() {
        return parents().stream().flatMap(parent -> parent.groups().stream())
                .map(name -> new String(name, StandardCharsets.UTF_8)).distinct().toList();
    }

    @Override
    public CompletableFuture<Void> remove(String id) {
        return removal.start(id);
    }

    private boolean removeEverywhere(String id) {
        boolean gone = true;
        for (CgroupDirectory parent : parents()) {
            gone &= parent.removeTree(id);
        }
        return gone;
    }

    @Override
    public OomWatch watchOom(Consumer<String> listener) {
        EventLoop loop = new EventLoop(kernel, (thread, failure) -> thread.getThreadGroup().uncaughtException(thread, failure));
        return new OomThread(loop, new OomSourceV1(kernel, loop, this), listener);
    }

    @Override
    public void close() {
        removal.close();
        branches.forEach(branch -> branch.close(parentName));
    }
}
