package io.berth.linux.kernel;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Platform threads for work that calls the kernel: mounts, lookups on other people's file systems, the disk. On a virtual
 * thread such a call would pin its carrier, and two hung ones would freeze an engine on two cores. Work that makes several
 * calls does them all on one of these threads: every hand-over between threads costs as much as a few calls.
 *
 * <p>There are as many as there is work at a time, so that what hangs holds up nobody else; an idle one ends after some seconds.
 */
public final class BlockingCalls implements Executor, AutoCloseable {

    private static final long CLONE_FS = 0x200;
    private static final int USUAL_MASK = 0022;
    private static final long IDLE_SECONDS = 20;

    private final Kernel kernel;
    private final ExecutorService threads;

    public BlockingCalls(Kernel kernel) {
        this.kernel = kernel;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(),
                body -> new Worker(body, "calls-" + number.incrementAndGet()));
    }

    /** A thread whose file mode mask is its own. */
    private final class Worker extends Thread {
        Worker(Runnable body, String name) {
            super(body, name);
            setDaemon(true);
        }

        @Override
        public void run() {
            kernel.call(SystemCall.UNSHARE, Argument.of(CLONE_FS));
            kernel.call(SystemCall.UMASK, Argument.of(USUAL_MASK));
            super.run();
        }

        boolean belongsTo(BlockingCalls calls) {
            return BlockingCalls.this == calls;
        }
    }

    /** Runs {@code work} on one of the threads; nobody waits. */
    @Override
    public void execute(Runnable work) {
        threads.execute(work);
    }

    /** Runs {@code work} on one of the threads, this one if it is one, and waits for it. What it throws unchecked is thrown here. */
    public <T> T call(Callable<T> work) {
        if (Thread.currentThread() instanceof Worker worker && worker.belongsTo(this)) {
            try {
                return work.call();
            } catch (Exception failed) {
                throw unchecked(failed);
            }
        }
        Future<T> future = threads.submit(work);
        try {
            return future.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a call of the kernel", interrupted);
        } catch (ExecutionException failed) {
            throw unchecked(failed.getCause());
        }
    }

    /** The same for work without a result. */
    public void run(Runnable work) {
        call(() -> {
            work.run();
            return null;
        });
    }

    /** The same, with a file mode mask of 0: what is made for a container has the mode it is given. */
    public <T> T callUnmasked(Callable<T> work) {
        return call(() -> {
            kernel.call(SystemCall.UMASK, Argument.NULL);
            try {
                return work.call();
            } finally {
                kernel.call(SystemCall.UMASK, Argument.of(USUAL_MASK));
            }
        });
    }

    private static RuntimeException unchecked(Throwable failure) {
        return failure instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(failure);
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
