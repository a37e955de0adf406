package io.berth.daemon.stats;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads counters once a second, on one thread for everything that somebody listens to, and once for all who listen to the same.
 * A listener that is slow misses samples and never holds up the others.
 */
public final class Sampler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);
    private static final long PERIOD_MILLIS = 1000;
    /** A listener that has not taken the last one yet gets the newest. */
    private static final int WAITING = 2;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            body -> Thread.ofPlatform().daemon().name("stats").unstarted(body));
    /** Guarded by itself. */
    private final Map<String, Source> sources = new HashMap<>();

    /**
     * Two readings that follow each other; both empty while there is nothing to read.
     *
     * @param before empty at the first one
     */
    public record Pair(Optional<Sample> before, Optional<Sample> now) {
    }

    /** What is listened to, while somebody does. */
    private final class Source {
        private final Supplier<Optional<Sample>> reading;
        private final List<Subscription> listeners = new CopyOnWriteArrayList<>();
        private ScheduledFuture<?> task;
        /** On the sampler's thread alone. */
        private Optional<Sample> last = Optional.empty();

        Source(Supplier<Optional<Sample>> reading) {
            this.reading = reading;
        }

        void sample() {
            Optional<Sample> now = Optional.empty();
            try {
                now = reading.get();
            } catch (RuntimeException failure) {
                LOG.debug("a container's counters cannot be read", failure);
            }
            Pair pair = new Pair(now.isPresent() ? last : Optional.empty(), now);
            last = now;
            listeners.forEach(listener -> listener.offer(pair));
        }
    }

    /** One listener. Closing it ends the sampling when it was the last. */
    public final class Subscription implements AutoCloseable {
        private static final Optional<Pair> END = Optional.empty();

        private final String key;
        private final BlockingQueue<Optional<Pair>> pairs = new LinkedBlockingQueue<>();

        private Subscription(String key) {
            this.key = key;
        }

        private void offer(Pair pair) {
            if (pairs.size() >= WAITING) {
                pairs.poll();
            }
            pairs.add(Optional.of(pair));
        }

        /** Waits for the next reading; empty after {@link #end}. */
        public Optional<Pair> next() throws InterruptedException {
            return pairs.take();
        }

        /** Nothing more will come. */
        public void end() {
            close();
            pairs.clear();
            pairs.add(END);
        }

        @Override
        public void close() {
            synchronized (sources) {
                Source source = sources.get(key);
                if (source != null && source.listeners.remove(this) && source.listeners.isEmpty()) {
                    source.task.cancel(false);
                    sources.remove(key);
                }
            }
        }
    }

    /**
     * Listens; the first reading comes at once when nobody has listened yet.
     *
     * @param key what is listened to
     * @param reading takes a reading, on the sampler's thread; empty when there is nothing to read at present
     */
    public Subscription subscribe(String key, Supplier<Optional<Sample>> reading) {
        Subscription subscription = new Subscription(key);
        synchronized (sources) {
            Source source = sources.get(key);
            if (source == null) {
                source = new Source(reading);
                sources.put(key, source);
                source.listeners.add(subscription);
                source.task = thread.scheduleAtFixedRate(source::sample, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                source.listeners.add(subscription);
            }
        }
        return subscription;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        synchronized (sources) {
            sources.values().stream().flatMap(source -> source.listeners.stream()).toList().forEach(Subscription::end);
        }
    }
}
