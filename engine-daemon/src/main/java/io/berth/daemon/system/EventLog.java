package io.berth.daemon.system;

import io.berth.api.system.EventSubscription;
import io.berth.api.wire.system.Event;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What has happened: the last {@value #KEPT} events, and everybody who listens to the coming ones. Whatever the daemon does
 * with a container, an image or a network is published here, in the order in which it happened.
 *
 * <p>Publishing never waits for a listener. One that falls {@value #BACKLOG} events behind is cut off: the end of its
 * stream is honest, a stream with a hole in it would not be. With an {@link EventFile} the last events outlive the daemon, which
 * those of the reference do not.
 */
public final class EventLog implements AutoCloseable {

    /** As many as the reference keeps for {@code docker events --since}. */
    static final int KEPT = 256;
    static final int BACKLOG = 4096;
    /** A listener that waits looks this often whether it has been cut off. */
    private static final long LOOK_AGAIN_MILLIS = 1000;

    private final Clock clock;
    private final Optional<EventFile> file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Event> kept = new ArrayDeque<>(KEPT);
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    /** Events end with this object. */
    public EventLog(Clock clock) {
        this.clock = clock;
        this.file = Optional.empty();
    }

    /** Goes on where the log before ended. */
    public EventLog(Clock clock, EventFile file) {
        this.clock = clock;
        this.file = Optional.of(file);
        file.read().forEach(this::keep);
    }

    /**
     * Says that something happened, now.
     *
     * @param type {@code container}, {@code image}, {@code network}, {@code volume} or {@code daemon}
     * @param action as the reference names it: {@code create}, {@code die}, {@code exec_start: CMD} …
     * @param id of what it happened to
     * @param attributes labels, name, image, exit code …; they are what filters look at
     */
    public void publish(String type, String action, String id, Map<String, String> attributes) {
        lock.lock();
        try {
            Event event = Event.of(type, action, id, attributes, clock.instant());
            keep(event);
            // One write into the kernel's memory, under the lock: the file's order is that of the events.
            file.ifPresent(written -> written.append(event, kept));
            subscriptions.forEach(subscription -> subscription.offer(event));
        } finally {
            lock.unlock();
        }
    }

    /** Says so to those who listen now; it is not kept. For what happens all the time and would take the place of what does not. */
    public void announce(String type, String action, String id, Map<String, String> attributes) {
        if (subscriptions.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            Event event = Event.of(type, action, id, attributes, clock.instant());
            subscriptions.forEach(subscription -> subscription.offer(event));
        } finally {
            lock.unlock();
        }
    }

    private void keep(Event event) {
        if (kept.size() == KEPT) {
            kept.removeFirst();
        }
        kept.addLast(event);
    }

    /**
     * Listens from now on. With {@code since} or {@code until}, what has been kept from that span of time comes first;
     * nothing is lost or sent twice between the two. It ends at {@code until}. The caller closes it.
     */
    public EventSubscription subscribe(Optional<Instant> since, Optional<Instant> until, EventFilter filter) {
        lock.lock();
        try {
            Subscription subscription = new Subscription(until, filter);
            if (since.isPresent() || until.isPresent()) {
                kept.stream().filter(event -> isBetween(event, since.orElse(Instant.MIN), until.orElse(Instant.MAX)))
                        .forEach(subscription::offer);
            }
            subscriptions.add(subscription);
            return subscription;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            file.ifPresent(EventFile::close);
        } finally {
            lock.unlock();
        }
    }

    /** How many listen. */
    public int listeners() {
        return subscriptions.size();
    }

    private static boolean isBetween(Event event, Instant since, Instant until) {
        Instant at = Instant.ofEpochSecond(event.time(), event.timeNano() % 1_000_000_000L);
        return !at.isBefore(since) && !at.isAfter(until);
    }

    /** One listener's events. */
    private final class Subscription implements EventSubscription {

        private final Optional<Instant> until;
        private final EventFilter filter;
        private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>(BACKLOG);
        /** Set by the publisher when the queue was full. */
        private volatile boolean cutOff;

        private Subscription(Optional<Instant> until, EventFilter filter) {
            this.until = until;
            this.filter = filter;
        }

        @Override
        public Optional<Event> next() throws InterruptedException {
            while (!cutOff) {
                long left = until.map(end -> clock.instant().until(end, ChronoUnit.MILLIS)).orElse(Long.MAX_VALUE);
                Event event = queue.poll(Math.clamp(left, 0, LOOK_AGAIN_MILLIS), TimeUnit.MILLISECONDS);
                if (event != null || left <= 0) {
                    return Optional.ofNullable(event);
                }
            }
            return Optional.empty();
        }

        private void offer(Event event) {
            if (filter.passes(event) && !queue.offer(event)) {
                cutOff = true;
                subscriptions.remove(this);
            }
        }

        @Override
        public void close() {
            subscriptions.remove(this);
        }
    }
}
