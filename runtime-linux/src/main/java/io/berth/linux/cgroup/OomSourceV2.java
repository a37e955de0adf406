package io.berth.linux.cgroup;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.util.HashMap;
import java.util.Map;

/** Version 2: memory.events is modified when one of its counters rises; one inotify(7) instance looks at those of all groups. */
final class OomSourceV2 implements OomThread.Source {

    private static final int IN_MODIFY = 0x2;
    private static final int IN_NONBLOCK_CLOEXEC = 0x80800;
    private static final int EVENT_HEAD = 16;

    private final Kernel kernel;
    private final CgroupV2 tree;
    private final Fd inotify;
    private final NativeBuffer events = NativeBuffer.allocate(4096);
    private final Map<Integer, Group> groups = new HashMap<>();

    private static final class Group {
        private final String id;
        private final Runnable told;
        private long kills;

        Group(String id, Runnable told) {
            this.id = id;
            this.told = told;
        }
    }

    OomSourceV2(Kernel kernel, EventLoop loop, CgroupV2 tree) {
        this.kernel = kernel;
        this.tree = tree;
        inotify = kernel.open(SystemCall.INOTIFY_INIT1, of(IN_NONBLOCK_CLOEXEC));
        loop.register(inotify, EventLoop.IN, ready -> read());
    }

    @Override
    public OomThread.Watched watch(String id, Runnable told) {
        String file = tree.parent().path() + '/' + id + "/memory.events";
        int descriptor = (int) kernel.call(SystemCall.INOTIFY_ADD_WATCH, inotify, of(file), of(IN_MODIFY));
        groups.put(descriptor, new Group(id, told));
        return () -> {
            if (groups.remove(descriptor) != null) {
                kernel.attempt(SystemCall.INOTIFY_RM_WATCH, inotify, of(descriptor)); // fails when the group is gone
            }
        };
    }

    @Override
    public long kills(String id) {
        return tree.existing(id).usage().oomKills();
    }

    /** The other counters of the file rise too: reclaim at the limit, for one. */
    private void read() {
        int length = (int) kernel.attempt(SystemCall.READ, inotify, events, of(events.size()));
        for (int at = 0; at < length; at += EVENT_HEAD + events.bytes().getInt(at + 12)) {
            Group group = groups.get(events.bytes().getInt(at));
            if (group != null) {
                look(group);
            }
        }
    }

    private void look(Group group) {
        long now;
        try {
            now = kills(group.id);
        } catch (CgroupException gone) {
            return;
        }
        if (now > group.kills) {
            group.kills = now;
            group.told.run();
        }
    }

    @Override
    public void close() {
        inotify.close();
    }
}
