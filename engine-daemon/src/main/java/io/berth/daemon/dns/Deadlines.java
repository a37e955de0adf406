package io.berth.daemon.dns;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.time.Duration;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens at a time, on an event loop's thread, by one timerfd (timerfd_create(2)) however many there are. */
final class Deadlines implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);
    private static final int CLOCK_MONOTONIC = 1;
    /** TFD_NONBLOCK and TFD_CLOEXEC. */
    private static final int TIMER_FLAGS = 0x80800;
    private static final long NANOS = 1_000_000_000;

    /** A point of time, and a number that tells two of them apart. */
    record Deadline(long nanos, long serial) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            int order = Long.compare(nanos - other.nanos, 0);
            return order != 0 ? order : Long.compare(serial, other.serial);
        }
    }

    private final Kernel kernel;
    private final Fd timer;
    private final EventLoop.Registration registration;
    private final NativeBuffer expirations = NativeBuffer.allocate(8);
    /** struct itimerspec: interval and value, each seconds and nanoseconds. */
    private final NativeBuffer setting = NativeBuffer.allocate(32);
    private final TreeMap<Deadline, Runnable> actions = new TreeMap<>();
    private long serial;
    private boolean armed;
    private long armedFor;

    Deadlines(Kernel kernel, EventLoop loop) {
        this.kernel = kernel;
        timer = kernel.open(SystemCall.TIMERFD_CREATE, of(CLOCK_MONOTONIC), of(TIMER_FLAGS));
        registration = loop.register(timer, EventLoop.IN, events -> run());
    }

    Deadline in(Duration time, Runnable action) {
        Deadline deadline = new Deadline(System.nanoTime() + time.toNanos(), serial++);
        actions.put(deadline, action);
        // one that is called off leaves the timer as it is: it wakes for nothing, once
        if (!armed || deadline.nanos() - armedFor < 0) {
            arm(deadline.nanos());
        }
        return deadline;
    }

    /** Harmless when it is over. */
    void callOff(Deadline deadline) {
        actions.remove(deadline);
    }

    private void run() {
        kernel.attempt(SystemCall.READ, timer, expirations, of(8));
        armed = false;
        while (!actions.isEmpty() && actions.firstKey().nanos() - System.nanoTime() <= 0) {
            run(actions.pollFirstEntry().getValue());
        }
        if (!actions.isEmpty() && !armed) {
            arm(actions.firstKey().nanos());
        }
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException failure) {
            // the others have their time all the same
            LOG.warn("what a lookup had a deadline for failed", failure);
        }
    }

    private void arm(long nanos) {
        long wait = Math.max(1, nanos - System.nanoTime());
        setting.bytes().putLong(16, wait / NANOS).putLong(24, wait % NANOS);
        kernel.call(SystemCall.TIMERFD_SETTIME, timer, NULL, setting, NULL);
        armed = true;
        armedFor = nanos;
    }

    @Override
    public void close() {
        registration.close();
        timer.close();
    }
}
