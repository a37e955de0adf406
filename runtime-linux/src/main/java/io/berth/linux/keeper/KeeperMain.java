package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;

/**
 * The keeper's program: {@code KeeperMain EXEC-ROOT [OOM-SCORE]}. Serves {@code keeper.sock} in the exec root until it is told to shut
 * down; the lock on {@code keeper.lock} makes it the only one there. Says {@code ready} on standard output once it can be
 * connected to, {@code busy} when another keeper has the lock, and then closes standard output.
 *
 * <p>Runs in a session of its own, so that what ends the daemon's group or terminal does not end it; SIGHUP, SIGINT and
 * SIGQUIT are ignored. SIGTERM ends it at once, as SIGKILL does: that is the business of the service manager, which must end
 * the keeper last. It is not dumpable, so that nothing in a container can look into it.
 */
public final class KeeperMain {

    /** EX_TEMPFAIL of sysexits.h. */
    private static final int BUSY = 75;
    private static final int LOCK_EXCLUSIVE_NONBLOCK = 2 | 4;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    private static final int SIGCHLD = 17;
    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;
    /** struct sigaction of the kernel: handler, flags, restorer, mask. */
    private static final int SIGACTION_SIZE = 32;

    private KeeperMain() {
    }

    /** @param arguments the exec root, an existing directory of the daemon's own; then perhaps an oom_score_adj for the keeper */
    public static void main(String[] arguments) {
        if (arguments.length < 1 || arguments.length > 2) {
            System.err.println("usage: KeeperMain EXEC-ROOT [OOM-SCORE]");
            Runtime.getRuntime().halt(64);
        }
        Kernel kernel = new JnrKernel();
        detach(kernel);
        if (arguments.length == 2) {
            protect(kernel, arguments[1]);
        }
        Fd lock = lock(kernel, arguments[0] + "/keeper.lock");
        serve(kernel, arguments[0]);
        lock.close();
        System.exit(0);
    }

    /** Makes this process independent of the one that started it. */
    private static void detach(Kernel kernel) {
        // Fails only when it leads its group already, which a service manager's child does.
        kernel.attempt(SystemCall.SETSID);
        kernel.call(SystemCall.PRCTL, of(PR_SET_DUMPABLE), NULL, NULL, NULL, NULL);
        // An inherited "ignore" would make the kernel forget how children ended.
        disposition(kernel, SIGCHLD, SIG_DFL);
        disposition(kernel, SIGHUP, SIG_IGN);
        disposition(kernel, SIGINT, SIG_IGN);
        disposition(kernel, SIGQUIT, SIG_IGN);
    }

    private static void protect(Kernel kernel, String score) {
        try {
            new FileCalls(kernel).write("/proc/self/oom_score_adj", score);
        } catch (SystemCallException unprivileged) {
            // Needs CAP_SYS_RESOURCE; without it the keeper is as likely a victim as any process of its size.
            System.err.println("keeper: not protected from the out-of-memory killer: " + unprivileged.getMessage());
        }
    }

    private static void disposition(Kernel kernel, int signal, long handler) {
        NativeBuffer action = NativeBuffer.allocate(SIGACTION_SIZE);
        action.bytes().putLong(0, handler);
        kernel.call(SystemCall.RT_SIGACTION, of(signal), action, NULL, of(8));
    }

    /** Held until the process ends, however it ends. */
    private static Fd lock(Kernel kernel, String path) {
        Fd lock = new FileCalls(kernel).open(path, FileCalls.O_RDWR | FileCalls.O_CREAT, 0600);
        long result = kernel.attempt(SystemCall.FLOCK, lock, of(LOCK_EXCLUSIVE_NONBLOCK));
        if (result != 0) {
            say(kernel, result == -Errno.EAGAIN.number() ? "busy\n" : "no lock\n");
            Runtime.getRuntime().halt(BUSY);
        }
        return lock;
    }

    private static void serve(Kernel kernel, String execRoot) {
        Thread.UncaughtExceptionHandler failures = new Thread.UncaughtExceptionHandler() {
            @Override
            public void uncaughtException(Thread thread, Throwable failure) {
                System.err.println("keeper: thread " + thread.getName() + ":");
                failure.printStackTrace();
            }
        };
        try (ExitJournal journal = new ExitJournal(kernel, execRoot + "/exits")) {
            EventLoop loop = new EventLoop(kernel, failures);
            ControlServer server = new ControlServer(kernel, loop, journal, failures);
            server.listen(execRoot + "/keeper.sock");
            say(kernel, "ready\n");
            loop.run();
            server.stop();
        }
    }

    /** Tells the starter, then lets go of its pipe. */
    private static void say(Kernel kernel, String word) {
        NativeBuffer text = NativeBuffer.of(word.getBytes(StandardCharsets.US_ASCII));
        kernel.attempt(SystemCall.WRITE, of(1), text, of(text.size()));
        try (Fd nothing = new FileCalls(kernel).open("/dev/null", FileCalls.O_RDWR, 0)) {
            kernel.call(SystemCall.DUP3, nothing, of(1), NULL);
        }
    }
}
