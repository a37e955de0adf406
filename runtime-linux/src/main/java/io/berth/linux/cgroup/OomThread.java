package io.berth.linux.cgroup;

import io.berth.linux.keeper.loop.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The watch of the real kernel: one thread for all containers, on which everything that waits or calls the kernel happens. */
final class OomThread implements OomWatch {

    /** How a version of cgroups tells it. On the watch's thread. */
    interface Source extends AutoCloseable {

        /** Begins to report to {@code told}; fails with a {@link CgroupException} when the group is gone. */
        Watched watch(String id, Runnable told);

        /** The processes killed so far. */
        long kills(String id);

        @Override
        void close();
    }

    /** A group that is watched; closing ends that. */
    interface Watched extends AutoCloseable {
        @Override
        void close();
    }

    private final EventLoop loop;
    private final Source source;
    private final Consumer<String> listener;
    private final Thread thread;
    /** One token a group that is to be watched: what comes after its end is told to nobody. */
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();

    private static final class Token {
        /** On the watch's thread alone. */
        private Watched watched = () -> { };
    }

    OomThread(EventLoop loop, Source source, Consumer<String> listener) {
        this.loop = loop;
        this.source = source;
        this.listener = listener;
        this.thread = Thread.ofPlatform().name("oom-watch").daemon().start(loop);
    }

    @Override
    public void add(String id) {
        Token token = new Token();
        tokens.put(id, token);
        loop.execute(() -> begin(id, token));
    }

    private void begin(String id, Token token) {
        if (tokens.get(id) != token) {
            return;
        }
        try {
            token.watched = source.watch(id, () -> tell(id, token));
            if (source.kills(id) > 0) {
                tell(id, token);
            }
        } catch (RuntimeException gone) {
            tokens.remove(id, token); // it has ended already; who deals with its end looks at the count
        }
    }

    private void tell(String id, Token token) {
        if (tokens.get(id) == token) {
            listener.accept(id);
        }
    }

    @Override
    public void remove(String id) {
        Token token = tokens.remove(id);
        if (token != null) {
            loop.execute(() -> token.watched.close());
        }
    }

    @Override
    public void close() {
        tokens.clear();
        loop.stop();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        source.close();
    }
}
