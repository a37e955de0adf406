package io.berth.daemon.dns;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.namespace.NetworkNamespace;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that goes into containers' network namespaces, to make sockets there; a thread for each would cost more than all
 * else. It enters the namespace that a piece of work needs each time, the host's too, and so relies on none that it was left in.
 */
final class NamespaceThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NamespaceThread.class);
    private static final int CLONE_NEWNET = 0x4000_0000;
    /** linux/sockios.h: a descriptor of a socket's network namespace. */
    private static final int SIOCGSKNS = 0x894c;

    private final Kernel kernel;
    private final Fd home;
    private final ExecutorService executor =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("berth-dns-sockets").daemon().factory());

    /** The host's network namespace is that of the calling thread. */
    NamespaceThread(Kernel kernel) {
        this.kernel = kernel;
        this.home = NetworkNamespace.current(kernel);
    }

    /** Does the work after everything asked for before it, and waits for it. What it throws, the caller gets. */
    <T> T call(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, executor).join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
        }
    }

    /** Does the work after everything asked for before it; a failure goes to the log. */
    void later(Runnable work) {
        executor.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException failure) {
                LOG.warn("the resolver's sockets", failure);
            }
        });
    }

    /** Does the work inside a namespace. On this thread alone, that is: within a {@link #call}. */
    <T> T inside(Fd namespace, Supplier<T> work) {
        enter(namespace);
        try {
            return work.get();
        } finally {
            // a thread keeps a namespace alive by being in it
            leave();
        }
    }

    /** The same on the host: threads that the work starts are there. */
    <T> T onHost(Supplier<T> work) {
        return inside(home, work);
    }

    /** The same in the namespace of a socket. */
    <T> T beside(Fd socket, Supplier<T> work) {
        try (Fd namespace = kernel.open(SystemCall.IOCTL, socket, Argument.of(SIOCGSKNS))) {
            return inside(namespace, work);
        }
    }

    private void enter(Fd namespace) {
        kernel.call(SystemCall.SETNS, namespace, Argument.of(CLONE_NEWNET));
    }

    private void leave() {
        try {
            enter(home);
        } catch (SystemCallException failure) {
            LOG.warn("the resolver's thread stays in a container's network until it enters the next", failure);
        }
    }

    /** Ends after the work already asked for. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("the resolver's thread is still busy after 10 s and is left behind");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        home.close();
    }
}
