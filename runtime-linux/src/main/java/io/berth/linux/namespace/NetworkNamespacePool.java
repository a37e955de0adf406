package io.berth.linux.namespace;

import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.netlink.NetlinkException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;

/**
 * A few network namespaces made in advance, because making one takes 0.4 ms and, while the kernel cleans up dead ones,
 * sometimes twenty times that. With a size of 0 each is made when it is asked for.
 *
 * <p>A fault while refilling is forgotten: whoever takes the next namespace from the empty pool makes it himself and gets
 * the error, if there still is one.
 */
public final class NetworkNamespacePool implements AutoCloseable {

    /** Making a namespace competes for locks and processors with the start that took the last one. */
    private static final long GIVE_WAY_NANOS = 3_000_000;

    private final Kernel kernel;
    private final int size;
    /** These three under the monitor, which is never held across a call of the kernel. */
    private final Deque<NetworkNamespace> ready = new ArrayDeque<>();
    private boolean refilling;
    private boolean closed;

    public NetworkNamespacePool(Kernel kernel, int size) {
        this.kernel = kernel;
        this.size = size;
    }

    /** A prepared namespace, or a new one when there is none. The caller owns it. */
    public NetworkNamespace take() {
        synchronized (this) {
            if (!ready.isEmpty()) {
                return ready.pop();
            }
        }
        return NetworkNamespace.create(kernel);
    }

    /** Fills the pool in the background, in a moment. */
    public synchronized void refill() {
        if (!refilling && !closed && ready.size() < size) {
            refilling = true;
            Thread.ofPlatform().name("berth-netns-refill").daemon().start(this::fill);
        }
    }

    private void fill() {
        LockSupport.parkNanos(GIVE_WAY_NANOS);
        try {
            while (wantsMore()) {
                keep(NetworkNamespace.createOnThisThread(kernel));
            }
        } catch (SystemCallException | NetlinkException forgotten) {
            // whoever finds the pool empty meets the same fault, or none any more
            return;
        } finally {
            synchronized (this) {
                refilling = false;
            }
        }
    }

    private synchronized boolean wantsMore() {
        return !closed && ready.size() < size;
    }

    private void keep(NetworkNamespace namespace) {
        synchronized (this) {
            if (!closed) {
                ready.push(namespace);
                return;
            }
        }
        namespace.close();
    }

    synchronized int available() {
        return ready.size();
    }

    @Override
    public void close() {
        Deque<NetworkNamespace> left;
        synchronized (this) {
            closed = true;
            left = new ArrayDeque<>(ready);
            ready.clear();
        }
        left.forEach(NetworkNamespace::close);
    }
}
