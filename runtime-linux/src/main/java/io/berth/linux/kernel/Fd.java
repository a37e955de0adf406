package io.berth.linux.kernel;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An open file descriptor and the duty to close it. Closing twice is harmless; using it after that is an error of the
 * program, not of the kernel, because the number may already be somebody else's.
 */
public final class Fd implements Argument, AutoCloseable {

    private final Kernel kernel;
    private final int number;
    private final AtomicBoolean closed = new AtomicBoolean();

    public Fd(Kernel kernel, int number) {
        if (number < 0) {
            throw new IllegalArgumentException("not a file descriptor: " + number);
        }
        this.kernel = kernel;
        this.number = number;
    }

    /** The number the kernel knows it by. */
    public int number() {
        if (closed.get()) {
            throw new IllegalStateException("file descriptor " + number + " is closed");
        }
        return number;
    }

    public boolean isClosed() {
        return closed.get();
    }

    /** Gives the number away: this object no longer closes it. */
    public int release() {
        int released = number();
        closed.set(true);
        return released;
    }

    /** A path through which any call that takes a path reaches this file, also when it has no name. */
    public String path() {
        return "/proc/self/fd/" + number();
    }

    /** Linux frees the number even when close(2) reports an error, so it is never repeated. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            kernel.call(SystemCall.CLOSE, Argument.of(number));
        }
    }

    @Override
    public String toString() {
        return "fd " + number;
    }
}
