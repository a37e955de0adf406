package io.berth.linux.cgroup;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.util.HashSet;
import java.util.Set;

/** Version 1: an eventfd a group, registered with its memory.oom_control (Documentation/admin-guide/cgroup-v1/memory.rst, 10). */
final class OomSourceV1 implements OomThread.Source {

    private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;

    private final Kernel kernel;
    private final EventLoop loop;
    private final CgroupV1 tree;
    private final NativeBuffer count = NativeBuffer.allocate(8);
    private final Set<Fd> open = new HashSet<>();

    OomSourceV1(Kernel kernel, EventLoop loop, CgroupV1 tree) {
        this.kernel = kernel;
        this.loop = loop;
        this.tree = tree;
    }

    @Override
    public OomThread.Watched watch(String id, Runnable told) {
        CgroupDirectory memory = tree.parent("memory").orElseThrow(() -> new CgroupException("this machine has no memory controller"));
        Fd event = kernel.open(SystemCall.EVENTFD2, NULL, of(EFD_CLOEXEC_NONBLOCK));
        try (Fd control = memory.open(id + "/memory.oom_control", FileCalls.O_RDONLY)) {
            memory.write(id + "/cgroup.event_control", event.number() + " " + control.number());
        } catch (RuntimeException refused) {
            event.close();
            throw refused;
        }
        EventLoop.Registration registration = loop.register(event, EventLoop.IN, ready -> {
            kernel.attempt(SystemCall.READ, event, count, of(count.size()));
            told.run();
        });
        open.add(event);
        return () -> {
            registration.close();
            open.remove(event);
            event.close();
        };
    }

    @Override
    public long kills(String id) {
        return tree.existing(id).usage().oomKills();
    }

    @Override
    public void close() {
        open.forEach(Fd::close);
    }
}
