package io.berth.linux.mount;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayList;
import java.util.List;

/**
 * A few system calls that need another mount namespace, made by a thread that goes there, makes them and ends.
 *
 * <p>A container's namespace is full of the container's files, and a thread in it that loads a class or a library loads the
 * container's (CVE-2019-14271). So the calls are a list, put together before, and the thread does nothing but make one after
 * the other until one fails: no code of ours runs between them, and none of the JVM's that would look for a file.
 */
final class NamespaceVisit {

    static final long CLONE_NEWNS = 0x2_0000;
    private static final long CLONE_FS = 0x200;

    private record Call(SystemCall call, Argument[] arguments) {
    }

    private final Kernel kernel;
    private final List<Call> calls = new ArrayList<>();
    private final List<Integer> opening = new ArrayList<>();

    NamespaceVisit(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Goes to a namespace of others; {@code namespace} is an open {@code /proc/PID/ns/mnt}. Root and working directory are its root then. */
    NamespaceVisit to(Fd namespace) {
        return then(SystemCall.UNSHARE, Argument.of(CLONE_FS)).then(SystemCall.SETNS, namespace, Argument.of(CLONE_NEWNS));
    }

    /** Goes to a new namespace, a copy of ours from which no mount comes back. */
    NamespaceVisit toNew() {
        return then(SystemCall.UNSHARE, Argument.of(CLONE_NEWNS)).then(SystemCall.MOUNT, Argument.of("none"), Argument.of("/"), Argument.NULL,
                Argument.of(MountCalls.MS_REC | MountCalls.MS_PRIVATE), Argument.NULL);
    }

    NamespaceVisit then(SystemCall call, Argument... arguments) {
        calls.add(new Call(call, arguments));
        return this;
    }

    /** A call whose result is a descriptor that the visit is for; see {@link #run}. */
    NamespaceVisit open(SystemCall call, Argument... arguments) {
        opening.add(calls.size());
        return then(call, arguments);
    }

    /**
     * Makes the calls.
     *
     * @return the descriptors of the calls added by {@link #open}, in their order
     * @throws SystemCallException for the first call that failed; nothing stays open then
     */
    List<Fd> run() {
        long[] results = new long[calls.size()];
        Call[] list = calls.toArray(Call[]::new);
        Thread thread = new Thread(() -> {
            for (int i = 0; i < list.length; i++) {
                results[i] = kernel.attempt(list[i].call, list[i].arguments);
                if (results[i] < 0) {
                    return;
                }
            }
        }, "namespace-visit");
        thread.setDaemon(true);
        thread.start();
        join(thread);
        return opened(results);
    }

    private List<Fd> opened(long[] results) {
        List<Fd> opened = new ArrayList<>();
        for (int i = 0; i < results.length; i++) {
            if (results[i] < 0) {
                opened.forEach(Fd::close);
                throw new SystemCallException(calls.get(i).call, Errno.of((int) -results[i]), calls.get(i).arguments);
            }
            if (opening.contains(i)) {
                opened.add(new Fd(kernel, (int) results[i]));
            }
        }
        return opened;
    }

    /** The calls are made whatever happens: who is interrupted learns it afterwards. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
