package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;

/** Where the input of a process goes: a pipe's end, or a terminal's master. On the pump's thread. */
final class InputEnd {

    /** More than this is not read from clients until the process has taken some. */
    private static final int ENOUGH = 64 * 1024;

    private final Kernel kernel;
    private final EventLoop loop;
    private final Fd fd;
    private final boolean terminal;
    private final Runnable drained;
    private final Backlog backlog;
    private EventLoop.Registration registration;
    private boolean closing;
    private boolean closed;

    /** @param drained told when clients may be read again */
    InputEnd(Kernel kernel, EventLoop loop, Backlog.Pool pool, Fd fd, boolean terminal, Runnable drained) {
        this.kernel = kernel;
        this.loop = loop;
        this.fd = fd;
        this.terminal = terminal;
        this.drained = drained;
        this.backlog = new Backlog(pool);
    }

    boolean isFull() {
        return backlog.size() >= ENOUGH;
    }

    /** Writes now or later; what comes after the end, or when the process has closed its side, is dropped. */
    void write(NativeBuffer bytes, int length) {
        if (closing || closed || length == 0) {
            return;
        }
        long written = 0;
        if (backlog.isEmpty()) {
            written = kernel.attempt(SystemCall.WRITE, fd, bytes, of(length));
            if (written < 0 && written != -Errno.EAGAIN.number() && written != -Errno.EINTR.number()) {
                close();
                return;
            }
            written = Math.max(0, written);
        }
        if (written < length) {
            backlog.add(bytes, (int) written, length - (int) written);
            waitUntilWritable();
        }
    }

    /** Ends the input once everything has been written. A terminal has no end of its own: it is left alone. */
    void finish() {
        if (!terminal && !closed) {
            closing = true;
            if (backlog.isEmpty()) {
                close();
            }
        }
    }

    /** ioctl(2) on a terminal's master. */
    void control(int request, NativeBuffer argument) {
        if (!closed) {
            kernel.attempt(SystemCall.IOCTL, fd, of(request), argument);
        }
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        backlog.clear();
        if (registration != null) {
            registration.close();
            registration = null;
        }
        fd.close();
        drained.run();
    }

    private void waitUntilWritable() {
        if (registration == null) {
            registration = loop.register(fd, EventLoop.OUT, new EventLoop.Handler() {
                @Override
                public void ready(int events) {
                    flush();
                }
            });
        }
    }

    private void flush() {
        boolean wasFull = isFull();
        if (backlog.flush(kernel, fd) != 0) {
            close();
            return;
        }
        if (backlog.isEmpty()) {
            registration.close();
            registration = null;
            if (closing) {
                close();
                return;
            }
        }
        if (wasFull && !isFull()) {
            drained.run();
        }
    }
}
