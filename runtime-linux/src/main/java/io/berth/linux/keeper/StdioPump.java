package io.berth.linux.keeper;

import io.berth.linux.keeper.log.ChunkBuffer;
import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.keeper.log.LogPlace;
import io.berth.linux.keeper.log.LogWriter;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that moves the bytes of all processes: output into logs and to clients, clients' input to the processes. It
 * never waits for any one of them. Its public face may be called from any thread; what is asked happens in order.
 */
final class StdioPump {

    /** Told on the pump's thread. */
    interface Listener {

        /** All that the process wrote is in its log. Clients stay connected until {@link StdioPump#dismiss}. */
        void drained(Stdio stdio);

        void detached(Stdio stdio, long tag);

        /** See {@link LogWriter.LossListener}. */
        void logLost(Stdio stdio, long chunks, long bytes, String why);
    }

    /**
     * A client may leave so much unread before its process is held back. With what a socket and a pipe hold that is 1.4 MiB, where
     * the reference engine holds back after 1.2.
     */
    private static final int PATIENCE = 5 << 18;
    private static final int LEAST_PATIENCE = 64 * 1024;
    /** All clients together may leave so much unread before their patience shrinks. */
    private static final int MOST_UNREAD = 8 << 20;

    private static final int SMALL = 4096;
    /** So many turns in a row with small reads only, each soon after the one before, are a stream worth batching. */
    private static final int BUSY_TURNS = 16;
    private static final long SOON_NANOS = 400_000;
    private static final long NAP_NANOS = 100_000;

    private final Kernel kernel;
    private final Listener listener;
    private final EventLoop loop;
    private final Thread thread;
    private final ChunkBuffer chunk = new ChunkBuffer();
    private final NativeBuffer typed = NativeBuffer.allocate(AttachedClient.READ_SIZE);
    private final Backlog.Pool pool = new Backlog.Pool();
    private final WidePipes widePipes;
    private final Bypass bypass;
    private final List<Recording> recordings = new ArrayList<>();
    private int largestRead;
    private int busyTurns;
    private long lastTurn;

    StdioPump(Kernel kernel, Listener listener, Thread.UncaughtExceptionHandler failures) {
        this.kernel = kernel;
        this.listener = listener;
        widePipes = new WidePipes(kernel);
        bypass = new Bypass(kernel);
        loop = new EventLoop(kernel, failures, new Runnable() {
            @Override
            public void run() {
                nap();
            }
        });
        thread = new Thread(loop, "pump");
        thread.setUncaughtExceptionHandler(failures);
        thread.start();
    }

    /** Begins to serve a process whose streams these are; they are the pump's from now on. */
    Stdio open(String key, long generation, List<LaunchRequest.Descriptor> ends, LogOptions log, List<Attachment> attachments) {
        Stdio stdio = new Stdio(this, key, generation, log);
        loop.execute(new Runnable() {
            @Override
            public void run() {
                stdio.open(ends);
                for (Attachment attachment : attachments) {
                    stdio.attach(attachment);
                }
            }
        });
        return stdio;
    }

    void attach(Stdio stdio, Attachment attachment) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                stdio.attach(attachment);
            }
        });
    }

    void record(Stdio stdio, Object owner, long tag, boolean stdout, boolean stderr, boolean framed, Reply reply) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                Recording recording = new Recording(stdio, pool, owner, tag, stdout, stderr, framed);
                LogPlace place;
                try {
                    place = stdio.record(recording);
                } catch (SystemCallException failure) {
                    reply.refused(KeeperException.Kind.FAILED, "find the end of a log: " + failure.getMessage());
                    return;
                }
                recordings.add(recording);
                reply.done(new MessageWriter().number(place.file()).number(place.offset()));
            }
        });
    }

    void attachRecorded(Object owner, Attachment attachment) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                for (Recording recording : recordings) {
                    if (recording.isOf(owner, attachment.tag())) {
                        recordings.remove(recording);
                        recording.stdio().attach(attachment, recording);
                        return;
                    }
                }
                attachment.socket().close();
            }
        });
    }

    void forget(Object owner, long tag) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                for (Recording recording : List.copyOf(recordings)) {
                    if (recording.isOf(owner, tag)) {
                        drop(recording);
                    }
                }
            }
        });
    }

    void forgetAll(Object owner) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                for (Recording recording : List.copyOf(recordings)) {
                    if (recording.isOf(owner)) {
                        drop(recording);
                    }
                }
            }
        });
    }

    private void drop(Recording recording) {
        recordings.remove(recording);
        recording.stdio().forget(recording);
        recording.backlog().clear();
    }

    void closeInput(Stdio stdio) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                stdio.closeInput();
            }
        });
    }

    /** Sets the size of the terminal. */
    void resize(Stdio stdio, int rows, int columns) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                stdio.resize(rows, columns);
            }
        });
    }

    void logOptions(Stdio stdio, LogOptions options) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                stdio.logOptions(options);
            }
        });
    }

    void rotate(Stdio stdio) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                stdio.rotate();
            }
        });
    }

    /** The process has ended: the listener is told when the rest of its output is in the log. */
    void drain(Stdio stdio) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                try {
                    stdio.drain();
                } finally {
                    listener.drained(stdio);
                }
            }
        });
    }

    /** The end is announced: clients that have read everything find the end of their stream. */
    void dismiss(Stdio stdio) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                stdio.dismiss();
            }
        });
    }

    /** The process has not come to life. */
    void abandon(Stdio stdio) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                stdio.abandon();
            }
        });
    }

    void stop() {
        loop.stop();
    }

    Kernel kernel() {
        return kernel;
    }

    EventLoop loop() {
        return loop;
    }

    ChunkBuffer chunk() {
        return chunk;
    }

    NativeBuffer typed() {
        return typed;
    }

    Backlog.Pool pool() {
        return pool;
    }

    WidePipes widePipes() {
        return widePipes;
    }

    Bypass bypass() {
        return bypass;
    }

    /** How many bytes may wait for one client. */
    int limit() {
        return pool.inUse() < MOST_UNREAD ? PATIENCE : LEAST_PATIENCE;
    }

    void detached(Stdio stdio, long tag) {
        listener.detached(stdio, tag);
    }

    void logLost(Stdio stdio, long chunks, long bytes, String why) {
        listener.logLost(stdio, chunks, bytes, why);
    }

    void counted(int read) {
        largestRead = Math.max(largestRead, read);
    }

    /**
     * Lets a process that writes small pieces write a few of them before the next read: waking up for each would cost both
     * more than the writing. Only after several such turns in quick succession, so nothing that a person types is delayed.
     */
    private void nap() {
        long now = System.nanoTime();
        boolean busy = largestRead > 0 && largestRead < SMALL && now - lastTurn < SOON_NANOS;
        busyTurns = busy ? busyTurns + 1 : largestRead >= SMALL && largestRead < ChunkBuffer.SIZE && busyTurns > 0 ? busyTurns : 0;
        largestRead = 0;
        lastTurn = now;
        if (busyTurns >= BUSY_TURNS) {
            LockSupport.parkNanos(NAP_NANOS);
            lastTurn = System.nanoTime();
        }
    }
}
