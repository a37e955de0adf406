package io.berth.linux.kernel;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A few platform threads for calls that can block in the kernel: mounts, lookups on other people's file systems. On a
 * virtual thread such a call would pin its carrier, and two hung ones would freeze an engine on two cores.
 *
 * <p>Each thread has a file mode mask of 0 of its own, so that what it makes for a container has the mode it is given.
 */
public final class BlockingCalls implements AutoCloseable {

    private static final long CLONE_FS = 0x200;

    private final ExecutorService threads;

    public BlockingCalls(Kernel kernel, int count) {
        AtomicInteger number = new AtomicInteger();
        threads = Executors.newFixedThreadPool(count, body -> {
            Thread thread = new Thread(() -> {
                kernel.call(SystemCall.UNSHARE, Argument.of(CLONE_FS));
                kernel.call(SystemCall.UMASK, Argument.NULL);
                body.run();
            }, "blocking-calls-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Runs {@code work} on one of the threads and waits for it. What it throws unchecked is thrown here. */
    public <T> T call(Callable<T> work) {
        try {
            return threads.submit(work).get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a call of the kernel", interrupted);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
