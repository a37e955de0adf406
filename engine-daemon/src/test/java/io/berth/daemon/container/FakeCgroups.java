package io.berth.daemon.container;

import io.berth.linux.cgroup.CgroupStatistics;
import io.berth.linux.cgroup.CgroupSupport;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.cgroup.ContainerCgroup;
import io.berth.linux.cgroup.DeviceRules;
import io.berth.linux.cgroup.Join;
import io.berth.linux.cgroup.Limits;
import io.berth.linux.cgroup.OomWatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Groups that only write down what is done to them; broken ones fail at everything but being made. */
final class FakeCgroups implements CgroupTree {

    final List<String> calls = new ArrayList<>();
    boolean broken;
    long oomKills;
    /** Where the groups are, by a container's id. */
    UnaryOperator<String> paths = id -> "/fake/" + id;
    /** Tells that a process of that container was killed for want of memory. */
    Consumer<String> killed = id -> { };

    private synchronized void call(String what) {
        calls.add(what);
        if (broken && !what.equals("create")) {
            throw new IllegalStateException("broken: " + what);
        }
    }

    @Override
    public int version() {
        return 2;
    }

    @Override
    public CgroupSupport support() {
        return new CgroupSupport(true, true, true, true, true, true, true, "0-1", "0");
    }

    @Override
    public ContainerCgroup create(String id, Limits limits, DeviceRules devices) {
        call("create");
        return new Group(id);
    }

    @Override
    public ContainerCgroup existing(String id) {
        return new Group(id);
    }

    @Override
    public List<String> ids() {
        return List.of();
    }

    @Override
    public CompletableFuture<Void> remove(String id) {
        call("remove");
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public OomWatch watchOom(Consumer<String> listener) {
        killed = listener;
        return new OomWatch() {
            @Override
            public void add(String id) {
                // the test says when
            }

            @Override
            public void remove(String id) {
                // the test says when
            }

            @Override
            public void close() {
                killed = id -> { };
            }
        };
    }

    @Override
    public void close() {
        call("close");
    }

    private final class Group implements ContainerCgroup {
        private final String id;

        Group(String id) {
            this.id = id;
        }

        @Override
        public String path() {
            return paths.apply(id);
        }

        @Override
        public Join join() {
            return new Join.WriteTasks(List.of());
        }

        @Override
        public void update(Limits limits) {
            call("update");
        }

        @Override
        public void freeze() {
            call("freeze");
        }

        @Override
        public void thaw() {
            call("thaw");
        }

        @Override
        public boolean isFrozen() {
            return false;
        }

        @Override
        public List<Integer> processes() {
            return List.of();
        }

        @Override
        public void killAll() {
            call("killAll");
        }

        @Override
        public CgroupStatistics statistics() {
            call("statistics");
            return CgroupStatistics.NONE;
        }

        @Override
        public Usage usage() {
            call("usage");
            return new Usage(0, oomKills, 0, 0);
        }
    }
}
