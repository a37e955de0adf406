package io.berth.linux.kernel;

/**
 * The port to the Linux kernel: one method, any system call. Everything Berth asks of the kernel goes through it, so what
 * a piece of code does to the machine can be read from a recording double in a unit test, without root.
 *
 * <p>Typed calls live beside the code that needs them ({@link FileCalls}, {@link SocketCalls}, the mount, process and
 * netlink packages); they turn flags and structures into arguments and add nothing else.
 *
 * <p>A call may block its thread, and a blocked native call pins a virtual thread's carrier: whatever can wait in the
 * kernel (mounts, lookups on foreign file systems, epoll) belongs on a platform thread.
 */
public interface Kernel {

    /**
     * Makes the call.
     *
     * @param arguments at most six
     * @return the kernel's result, never negative unless the call's result is an address
     * @throws SystemCallException when the kernel answers with an error; it names the call, its arguments and the errno
     */
    long call(SystemCall call, Argument... arguments);

    /**
     * Makes the call where an error is an ordinary answer (EAGAIN, ECHILD), without the price of an exception.
     *
     * @return the kernel's result, or its errno as a negative number
     */
    default long attempt(SystemCall call, Argument... arguments) {
        try {
            return call(call, arguments);
        } catch (SystemCallException error) {
            return -error.errno().number();
        }
    }

    /** Makes the call again for as long as a signal interrupts it (EINTR). Not for close(2). */
    default long retry(SystemCall call, Argument... arguments) {
        while (true) {
            try {
                return call(call, arguments);
            } catch (SystemCallException interrupted) {
                if (interrupted.errno() != Errno.EINTR) {
                    throw interrupted;
                }
            }
        }
    }

    /** A call whose result is a new file descriptor. The caller owns it. */
    default Fd open(SystemCall call, Argument... arguments) {
        return new Fd(this, (int) retry(call, arguments));
    }
}
