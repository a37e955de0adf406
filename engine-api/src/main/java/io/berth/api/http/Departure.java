package io.berth.api.http;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;

/** That the client of an exchange goes away, told to whoever waits meanwhile. */
final class Departure {
    private final ReentrantLock lock = new ReentrantLock();
    private boolean happened;
    private boolean serverCloses;
    private Runnable action = () -> { };
    private Thread waiting;

    void happened() {
        Runnable told;
        lock.lock();
        try {
            if (happened) {
                return;
            }
            happened = true;
            told = action;
            interruptWaiting();
        } finally {
            lock.unlock();
        }
        told.run();
    }

    /** The server closes: waits that nobody but this client needs end as if it had gone. */
    void interruptWaits() {
        lock.lock();
        try {
            serverCloses = true;
            interruptWaiting();
        } finally {
            lock.unlock();
        }
    }

    private void interruptWaiting() {
        if (waiting != null) {
            waiting.interrupt();
        }
    }

    boolean hasHappened() {
        lock.lock();
        try {
            return happened;
        } finally {
            lock.unlock();
        }
    }

    void onHappening(Runnable wanted) {
        lock.lock();
        try {
            if (!happened) {
                action = wanted;
                return;
            }
        } finally {
            lock.unlock();
        }
        wanted.run();
    }

    <T> T interrupting(Callable<T> wait) throws Exception {
        setWaiting(Thread.currentThread());
        T result = null;
        Exception failure = null;
        try {
            result = wait.call();
        } catch (Exception thrown) {
            failure = thrown;
        }
        if (clearWaiting()) {
            Thread.interrupted();
            throw new ClientGoneException("the client closed the connection, or the engine stops, in the middle of a wait");
        }
        if (failure != null) {
            throw failure;
        }
        return result;
    }

    private void setWaiting(Thread thread) throws ClientGoneException {
        lock.lock();
        try {
            if (happened || serverCloses) {
                throw new ClientGoneException("the client has closed the connection, or the engine stops");
            }
            waiting = thread;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the wait was to end. */
    private boolean clearWaiting() {
        lock.lock();
        try {
            waiting = null;
            return happened || serverCloses;
        } finally {
            lock.unlock();
        }
    }
}
