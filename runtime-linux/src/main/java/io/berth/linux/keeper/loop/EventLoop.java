package io.berth.linux.keeper.loop;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One thread that waits in one epoll(7) for all descriptors it looks after, and runs what other threads hand it. Whoever
 * runs {@link #run()} is that thread; handlers and tasks run on it and must not block.
 *
 * <p>Level-triggered, and a handler makes one read or write a turn: so no descriptor starves another, and a call that would
 * only say EAGAIN is rarely made.
 */
public final class EventLoop implements Runnable {

    // sys/epoll.h
    public static final int IN = 0x1;
    public static final int OUT = 0x4;
    public static final int ERROR = 0x8;
    public static final int HANGUP = 0x10;
    public static final int PEER_CLOSED = 0x2000;
    public static final int EDGE = 1 << 31;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
    /** struct epoll_event is packed on x86-64 only. */
    private static final boolean PACKED = Architecture.current() == Architecture.X86_64;
    private static final int EVENT_SIZE = PACKED ? 12 : 16;
    private static final int DATA = PACKED ? 4 : 8;
    private static final int BATCH = 64;

    /** What happens when a descriptor is ready. */
    public interface Handler {

        /** @param events the bits of epoll that apply; {@link #ERROR} and {@link #HANGUP} come without being asked for */
        void ready(int events);
    }

    private final Kernel kernel;
    private final Thread.UncaughtExceptionHandler failures;
    private final Runnable afterTurn;
    private final Fd epoll;
    private final Fd wake;
    private final NativeBuffer events = NativeBuffer.allocate(BATCH * EVENT_SIZE);
    private final NativeBuffer word = NativeBuffer.allocate(8);
    private final NativeBuffer one = NativeBuffer.allocate(8);
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final List<Registration> slots = new ArrayList<>();
    private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
    private int serial;
    private volatile boolean stopped;

    /** @param failures told of what a handler or task threw; the loop goes on, the handler's descriptor is looked after no more */
    public EventLoop(Kernel kernel, Thread.UncaughtExceptionHandler failures) {
        this(kernel, failures, new Runnable() {
            @Override
            public void run() {
                // nothing between the turns
            }
        });
    }

    /** @param afterTurn runs on the loop's thread each time all that was ready has been handled */
    public EventLoop(Kernel kernel, Thread.UncaughtExceptionHandler failures, Runnable afterTurn) {
        this.kernel = kernel;
        this.failures = failures;
        this.afterTurn = afterTurn;
        epoll = kernel.open(SystemCall.EPOLL_CREATE1, of(EPOLL_CLOEXEC));
        wake = kernel.open(SystemCall.EVENTFD2, NULL, of(EFD_CLOEXEC_NONBLOCK));
        one.bytes().putLong(0, 1);
        register(wake, IN, new Handler() {
            @Override
            public void ready(int ignored) {
                EventLoop.this.kernel.attempt(SystemCall.READ, wake, word, of(8));
            }
        });
    }

    /** Looks after a descriptor, which stays the caller's and must be open until the registration is closed. Any thread. */
    public Registration register(Fd fd, int interest, Handler handler) {
        synchronized (slots) {
            Integer free = freeSlots.poll();
            int slot = free == null ? slots.size() : free;
            Registration registration = new Registration(fd, handler, slot, ++serial, interest);
            control(EPOLL_CTL_ADD, registration, interest);
            if (free == null) {
                slots.add(registration);
            } else {
                slots.set(slot, registration);
            }
            return registration;
        }
    }

    /** Runs the task on the loop's thread, in the order handed over. Any thread. */
    public void execute(Runnable task) {
        tasks.add(task);
        if (woken.compareAndSet(false, true)) {
            wakeUp();
        }
    }

    /** Ends {@link #run()} after the turn it is in. Any thread. */
    public void stop() {
        stopped = true;
        wakeUp();
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                turn();
                afterTurn.run();
            }
        } finally {
            synchronized (slots) {
                epoll.close();
                wake.close();
            }
        }
    }

    private void wakeUp() {
        synchronized (slots) {
            if (!wake.isClosed()) {
                kernel.attempt(SystemCall.WRITE, wake, one, of(8));
            }
        }
    }

    private void turn() {
        int count = (int) kernel.attempt(SystemCall.EPOLL_PWAIT, epoll, events, of(BATCH), of(-1), NULL, of(8));
        if (count < 0 && count != -Errno.EINTR.number()) {
            throw new SystemCallException(SystemCall.EPOLL_PWAIT, Errno.of(-count), epoll);
        }
        for (int i = 0; i < count; i++) {
            int ready = events.bytes().getInt(i * EVENT_SIZE);
            Registration registration = find(events.bytes().getLong(i * EVENT_SIZE + DATA));
            if (registration != null) {
                run(registration, ready);
            }
        }
        woken.set(false);
        Runnable task;
        while ((task = tasks.poll()) != null) {
            try {
                task.run();
            } catch (RuntimeException failure) {
                failures.uncaughtException(Thread.currentThread(), failure);
            }
        }
    }

    private void run(Registration registration, int ready) {
        try {
            registration.handler.ready(ready);
        } catch (RuntimeException failure) {
            registration.close();
            failures.uncaughtException(Thread.currentThread(), failure);
        }
    }

    /** The serial number tells a descriptor registered during this turn from the one whose slot and event it took over. */
    private Registration find(long data) {
        synchronized (slots) {
            Registration registration = slots.get((int) data);
            return registration != null && registration.serial == (int) (data >>> 32) ? registration : null;
        }
    }

    private void control(int operation, Registration registration, int interest) {
        NativeBuffer event = NativeBuffer.allocate(EVENT_SIZE);
        event.bytes().putInt(0, interest);
        event.bytes().putLong(DATA, (long) registration.serial << 32 | registration.slot);
        kernel.call(SystemCall.EPOLL_CTL, epoll, of(operation), registration.fd, event);
    }

    /** A descriptor in the loop's care. */
    public final class Registration implements AutoCloseable {
        private final Fd fd;
        private final Handler handler;
        private final int slot;
        private final int serial;
        private int interest;
        private boolean closed;

        private Registration(Fd fd, Handler handler, int slot, int serial, int interest) {
            this.fd = fd;
            this.handler = handler;
            this.slot = slot;
            this.serial = serial;
            this.interest = interest;
        }

        /** Waits for these events from now on. */
        public void interest(int wanted) {
            if (!closed && wanted != interest) {
                control(EPOLL_CTL_MOD, this, wanted);
                interest = wanted;
            }
        }

        public int interest() {
            return interest;
        }

        /** To be called before the descriptor is closed: a forked child's copy would keep it reporting. */
        @Override
        public void close() {
            synchronized (slots) {
                if (closed) {
                    return;
                }
                closed = true;
                slots.set(slot, null);
                freeSlots.add(slot);
                if (!epoll.isClosed()) {
                    control(EPOLL_CTL_DEL, this, 0);
                }
            }
        }
    }
}
