package io.berth.daemon.network.link;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one platform thread that owns an instance's network state and makes its calls, in the order they are asked for. The
 * kernel serves changes to links one at a time anyway (RTNL), and a call that waits there must not hold the carrier of a
 * virtual thread. It stays in the network namespace of the thread that made it.
 */
public final class NetworkThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkThread.class);

    private final ExecutorService executor =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("berth-network").daemon().factory());

    public NetworkThread() {
        // a thread is in the namespace of the one that starts it, so start it now and not from whoever comes first
        call(() -> true);
    }

    /** Does the work and waits for it; what it throws, the caller gets. An interrupt is kept for afterwards. */
    public <T> T call(Supplier<T> work) {
        Future<T> future = executor.submit(work::get);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException later) {
                    // half a connection is nobody's: the work is short and is not left alone
                    interrupted = true;
                }
            }
        } catch (ExecutionException failure) {
            throw switch (failure.getCause()) {
                case RuntimeException cause -> cause;
                case Error cause -> throw cause;
                default -> new IllegalStateException(failure.getCause());
            };
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Does the work after everything asked for before it; nobody waits, so a failure goes to the log. */
    public void later(String purpose, Runnable work) {
        executor.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException failure) {
                LOG.warn("cannot {}", purpose, failure);
            }
        });
    }

    /** Ends after the work already asked for. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("the network thread is still busy after 10 s and is left behind");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
