package io.berth.linux.keeper.log;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Watches the logs that somebody follows: one inotify(7) instance for the whole daemon, because the kernel allows a user
 * 128 of them, with one watch a log's directory, and one thread.
 */
public final class LogWatches implements AutoCloseable {

    // sys/inotify.h
    private static final int IN_MODIFY = 0x2;
    private static final int IN_CREATE = 0x100;
    private static final int IN_Q_OVERFLOW = 0x4000;
    private static final int IN_NONBLOCK_CLOEXEC = 0x80800;
    private static final int EVENT_HEAD = 16;

    private final Kernel kernel;
    private final EventLoop loop;
    private final Thread thread;
    private final Fd inotify;
    private final NativeBuffer events = NativeBuffer.allocate(16 * 1024);
    private final Map<Integer, List<LogWatch>> watches = new HashMap<>();

    public LogWatches(Kernel kernel) {
        this.kernel = kernel;
        inotify = kernel.open(SystemCall.INOTIFY_INIT1, of(IN_NONBLOCK_CLOEXEC));
        loop = new EventLoop(kernel, (thread, failure) -> thread.getThreadGroup().uncaughtException(thread, failure));
        loop.register(inotify, EventLoop.IN, ready -> read());
        thread = Thread.ofPlatform().name("log-watches").daemon().start(loop);
    }

    /** Begins to watch existing directories. The caller closes the watch. */
    public LogWatch watch(String... directories) {
        LogWatch watch = new LogWatch(this);
        synchronized (watches) {
            for (String directory : directories) {
                watches.computeIfAbsent(add(directory), descriptor -> new CopyOnWriteArrayList<>()).add(watch);
            }
        }
        return watch;
    }

    /** Ends all watches; their followers are cancelled. */
    @Override
    public void close() {
        loop.stop();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (watches) {
            watches.values().forEach(list -> list.forEach(LogWatch::cancel));
            watches.clear();
        }
        inotify.close();
    }

    void remove(LogWatch watch) {
        synchronized (watches) {
            watches.entrySet().removeIf(entry -> {
                boolean last = entry.getValue().remove(watch) && entry.getValue().isEmpty();
                if (last) {
                    // Fails only when the directory is gone, and the watch with it.
                    kernel.attempt(SystemCall.INOTIFY_RM_WATCH, inotify, of(entry.getKey()));
                }
                return last;
            });
        }
    }

    /** The kernel gives a directory that is watched already the number it has. */
    private int add(String directory) {
        return (int) kernel.call(SystemCall.INOTIFY_ADD_WATCH, inotify, of(directory), of(IN_MODIFY | IN_CREATE));
    }

    private void read() {
        int length = (int) kernel.attempt(SystemCall.READ, inotify, events, of(events.size()));
        for (int at = 0; at < length; at += EVENT_HEAD + events.bytes().getInt(at + 12)) {
            boolean overflow = (events.bytes().getInt(at + 4) & IN_Q_OVERFLOW) != 0;
            synchronized (watches) {
                if (overflow) {
                    watches.values().forEach(list -> list.forEach(LogWatch::grown));
                } else {
                    watches.getOrDefault(events.bytes().getInt(at), List.of()).forEach(LogWatch::grown);
                }
            }
        }
    }
}
