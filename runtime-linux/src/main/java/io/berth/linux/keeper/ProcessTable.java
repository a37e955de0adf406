package io.berth.linux.keeper;

import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.launch.Launcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Every process the keeper knows, by key. On the control thread; the pump's words are handed over to it. */
final class ProcessTable implements KeptChild.Owner, StdioPump.Listener {

    /** Told what the daemon should know. */
    interface Listener {

        void exited(Exit exit);

        void detached(String key, long generation, long tag);

        void logLost(String key, long generation, long chunks, long bytes, String why);
    }

    private final Kernel kernel;
    private final EventLoop loop;
    private final Launcher launcher;
    private final ExitJournal journal;
    private final Listener listener;
    private final StdioPump pump;
    private final Map<String, KeptChild> children = new HashMap<>();

    ProcessTable(Kernel kernel, EventLoop loop, ExitJournal journal, Listener listener, Thread.UncaughtExceptionHandler failures) {
        this.kernel = kernel;
        this.loop = loop;
        this.launcher = new Launcher(kernel);
        this.journal = journal;
        this.listener = listener;
        this.pump = new StdioPump(kernel, this, failures);
    }

    /** Starts a process; its descriptors are the table's from now on. The reply comes when it runs or has failed. */
    void launch(LaunchRequest request, Reply reply) {
        KeptChild former = children.get(request.key());
        if (former != null && !(former.hasExited() && former.generation() < request.generation())) {
            closeAll(request);
            reply.refused(KeeperException.Kind.CONFLICT, "start " + request.key() + " (generation " + request.generation()
                    + "): generation " + former.generation() + (former.hasExited() ? " has been started before" : " runs"));
            return;
        }
        KeptChild child = new KeptChild(kernel, loop, request.key(), request.generation(), this, reply);
        try {
            child.spawn(launcher, request);
        } catch (RuntimeException failure) {
            closeAll(request);
            child.close();
            reply.refused(KeeperException.Kind.FAILED, "start " + request.key() + ": " + failure.getMessage());
            return;
        }
        List<LaunchRequest.Descriptor> ends = new ArrayList<>();
        for (LaunchRequest.Descriptor descriptor : request.descriptors()) {
            switch (descriptor.role()) {
                case TABLE, CHILD -> descriptor.fd().close();
                case STDIN, STDOUT, STDERR, MASTER -> ends.add(descriptor);
                case STARTED -> child.watchStarted(descriptor.fd());
            }
        }
        children.put(request.key(), child);
        child.streams(pump.open(request.key(), request.generation(), ends, request.log(), request.attachments()));
    }

    private static void closeAll(LaunchRequest request) {
        for (LaunchRequest.Descriptor descriptor : request.descriptors()) {
            descriptor.fd().close();
        }
        for (Attachment attachment : request.attachments()) {
            attachment.socket().close();
        }
    }

    void attach(String key, Attachment attachment) {
        try {
            pump.attach(alive(key).streams(), attachment);
        } catch (KeeperException refused) {
            attachment.socket().close();
            throw refused;
        }
    }

    /** Begins to keep output for a client that is to come; the answer is where the log ends at that moment. */
    void record(Object owner, String key, long tag, boolean stdout, boolean stderr, boolean framed, Reply reply) {
        pump.record(alive(key).streams(), owner, tag, stdout, stderr, framed, reply);
    }

    /** Attaches the client for whom output was recorded, also when its process has ended since. */
    void attachRecorded(Object owner, Attachment attachment) {
        pump.attachRecorded(owner, attachment);
    }

    void forget(Object owner, long tag) {
        pump.forget(owner, tag);
    }

    /** The owner is gone. */
    void forgetAll(Object owner) {
        pump.forgetAll(owner);
    }

    void closeStdin(String key) {
        pump.closeInput(alive(key).streams());
    }

    void resize(String key, int rows, int columns) {
        KeptChild child = alive(key);
        if (!child.hasTerminal()) {
            throw new KeeperException(KeeperException.Kind.INVALID, "resize " + key + ": it has no terminal");
        }
        pump.resize(child.streams(), rows, columns);
    }

    void signal(String key, int signal) {
        KeptChild child = alive(key);
        try {
            child.signal(signal);
        } catch (SystemCallException failure) {
            throw new KeeperException(KeeperException.Kind.FAILED, "send signal " + signal + " to " + key + ": " + failure.getMessage(), failure);
        }
    }

    void logOptions(String key, LogOptions options) {
        pump.logOptions(alive(key).streams(), options);
    }

    void rotate(String key) {
        pump.rotate(alive(key).streams());
    }

    List<KeptProcess> list() {
        List<KeptProcess> processes = new ArrayList<>();
        for (KeptChild child : children.values()) {
            processes.add(child.describe());
        }
        for (Exit exit : journal.since(0)) {
            if (!children.containsKey(exit.key())) {
                processes.add(new KeptProcess(exit.key(), exit.generation(), 0, KeptProcess.State.EXITED));
            }
        }
        return processes;
    }

    void release(String key, long generation) {
        KeptChild child = children.get(key);
        if (child != null && child.generation() == generation) {
            if (!child.hasExited()) {
                throw new KeeperException(KeeperException.Kind.CONFLICT, "release " + key + " (generation " + generation + "): it runs");
            }
            children.remove(key);
        }
        journal.release(key, generation);
    }

    boolean isIdle() {
        for (KeptChild child : children.values()) {
            if (!child.hasExited()) {
                return false;
            }
        }
        return true;
    }

    void stop() {
        pump.stop();
    }

    @Override
    public void failed(KeptChild child) {
        children.remove(child.key());
        pump.abandon(child.streams());
    }

    @Override
    public void ended(KeptChild child) {
        pump.drain(child.streams());
    }

    /**
     * On the pump's thread. Only now, with the whole log written, the exit is announced; and only after that clients see their
     * stream end, so that the daemon can know the exit code when they ask it.
     */
    @Override
    public void drained(Stdio streams) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                KeptChild child = children.get(streams.key());
                if (child != null && child.streams() == streams) {
                    child.exited();
                    listener.exited(journal.append(child.key(), child.generation(), child.status(), child.endedNanos()));
                }
                pump.dismiss(streams);
            }
        });
    }

    /** On the pump's thread. */
    @Override
    public void detached(Stdio streams, long tag) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                listener.detached(streams.key(), streams.generation(), tag);
            }
        });
    }

    /** On the pump's thread. */
    @Override
    public void logLost(Stdio streams, long chunks, long bytes, String why) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                listener.logLost(streams.key(), streams.generation(), chunks, bytes, why);
            }
        });
    }

    private KeptChild alive(String key) {
        KeptChild child = children.get(key);
        if (child == null || child.hasEnded()) {
            throw new KeeperException(KeeperException.Kind.NOT_FOUND, key + (child == null ? " is not running" : " has ended"));
        }
        return child;
    }
}
