package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import java.util.ArrayDeque;

/**
 * The pipes that are larger than usual because a process proved to fill them: it and the pump then wait for each other a quarter
 * as often. Only so many at a time: what pipes may hold is counted for each user, over all containers (fs.pipe-user-pages-soft,
 * 64 MiB), and beyond that every new pipe of an unprivileged process would be a tiny one. On the pump's thread.
 */
final class WidePipes {

    /** What a pipe holds when nobody asks for more (pipe(7)). */
    static final int USUAL = 64 * 1024;
    static final int WIDE = 256 * 1024;
    static final int MOST = 32;
    /** linux/fcntl.h. */
    private static final int F_SETPIPE_SZ = 1031;

    private final Kernel kernel;
    private final ArrayDeque<Fd> pipes = new ArrayDeque<>();

    WidePipes(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Makes the pipe wide. One that has been wide for longest gives up its place; it gets another when it is busy still. */
    void widen(Fd pipe) {
        if (pipes.contains(pipe) || pipes.size() == MOST && !narrow(pipes.peek())) {
            return;
        }
        if (kernel.attempt(SystemCall.FCNTL, pipe, of(F_SETPIPE_SZ), of(WIDE)) >= 0) {
            pipes.add(pipe);
        }
    }

    /** The pipe is about to be closed. */
    void forget(Fd pipe) {
        pipes.remove(pipe);
    }

    /** Fails while the pipe holds more than would fit. */
    private boolean narrow(Fd pipe) {
        if (kernel.attempt(SystemCall.FCNTL, pipe, of(F_SETPIPE_SZ), of(USUAL)) < 0) {
            return false;
        }
        pipes.remove(pipe);
        return true;
    }
}
