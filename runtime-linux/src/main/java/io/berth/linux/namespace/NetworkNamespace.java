package io.berth.linux.namespace;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.RouteBatch;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * A container's network namespace (network_namespaces(7)), held by a descriptor, with a netlink socket inside it. It has
 * no name in any file system: it lives as long as a process, a socket or a descriptor keeps it, and when the last of them
 * goes the kernel removes its links by itself, in its own time.
 *
 * <p>A namespace is made and entered on threads that do nothing else and die: a thread that comes back from one by
 * setns(2) could fail to, and would then do the daemon's work in a container's network. A thread inherits the namespace
 * of the thread that starts it.
 *
 * @param handle for setns(2) and IFLA_NET_NS_FD
 * @param routes rtnetlink inside the namespace; it keeps the namespace alive, so close it too
 */
public record NetworkNamespace(Fd handle, NetlinkSocket routes) implements AutoCloseable {

    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final String OWN = "/proc/thread-self/ns/net";
    /** The loopback link is the first of every namespace (LOOPBACK_IFINDEX of net/flow.h). */
    private static final int LOOPBACK = 1;

    /**
     * A new namespace whose loopback is up. As with the reference engine every process in it may listen on low ports and
     * send pings. Links made in it later have no IPv6 until somebody gives it to them (disable_ipv6 is per link).
     */
    public static NetworkNamespace create(Kernel kernel) {
        return onThreadOfItsOwn("berth-netns-create", () -> createOnThisThread(kernel));
    }

    /** Leaves the calling thread in the new namespace: it may only make more of them, and end. */
    static NetworkNamespace createOnThisThread(Kernel kernel) {
        kernel.call(SystemCall.UNSHARE, Argument.of(CLONE_NEWNET));
        FileCalls files = new FileCalls(kernel);
        // /proc/sys/net shows the namespace of the thread that looks
        files.write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
        files.write("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
        writeIfThere(files, "/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
        NetlinkSocket routes = NetlinkSocket.route(kernel);
        try {
            new RouteBatch().setUp(LOOPBACK).send(routes);
            return new NetworkNamespace(current(kernel), routes);
        } catch (RuntimeException failure) {
            routes.close();
            throw failure;
        }
    }

    /** A kernel started with ipv6.disable=1 has none of these files. */
    private static void writeIfThere(FileCalls files, String path, String text) {
        if (java.nio.file.Files.exists(java.nio.file.Path.of(path))) {
            files.write(path, text);
        }
    }

    /** The namespace of the calling thread. */
    public static Fd current(Kernel kernel) {
        return new FileCalls(kernel).open(OWN, FileCalls.O_RDONLY, 0);
    }

    /**
     * Does {@code work} on a thread inside the namespace, and threads it starts are in it too. The caller waits; what the
     * work throws, the caller gets.
     */
    public static <T> T inside(Kernel kernel, Fd namespace, Supplier<T> work) {
        return onThreadOfItsOwn("berth-netns-enter", () -> {
            kernel.call(SystemCall.SETNS, namespace, Argument.of(CLONE_NEWNET));
            return work.get();
        });
    }

    private static <T> T onThreadOfItsOwn(String name, Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                result.complete(work.get());
            } catch (RuntimeException | Error failure) {
                result.completeExceptionally(failure);
            }
        });
        try {
            return result.join();
        } catch (CompletionException failure) {
            switch (failure.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw failure;
            }
        }
    }

    /** Lets go of it. Nothing is awaited. */
    @Override
    public void close() {
        routes.close();
        handle.close();
    }
}
