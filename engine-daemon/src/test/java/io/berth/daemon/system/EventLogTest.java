package io.berth.daemon.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.http.Filters;
import io.berth.api.system.EventSubscription;
import io.berth.api.wire.system.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {

    private static final EventFilter ALL = new EventFilter(Filters.NONE);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00.5Z");

    private final TickingClock clock = new TickingClock();
    private final EventLog log = new EventLog(clock);

    @Test
    void theLast256EventsAreKept() {
        for (int i = 0; i < 300; i++) {
            log.publish("container", "start", "id" + i, Map.of());
        }
        List<Event> kept = everything(Map.of());
        assertEquals(256, kept.size());
        assertEquals("id44", kept.getFirst().actor().id());
        assertEquals("id299", kept.getLast().actor().id());
    }

    @Test
    void whatIsOnlyAnnouncedReachesThoseWhoListenAndTakesNoPlace() throws InterruptedException {
        log.publish("container", "start", "a", Map.of());
        log.announce("container", "exec_die", "nobody hears", Map.of());
        try (EventSubscription subscription = log.subscribe(Optional.empty(), Optional.empty(), ALL)) {
            log.announce("container", "exec_die", "a", Map.of());
            assertEquals("exec_die", subscription.next().orElseThrow().action());
        }
        assertEquals(List.of("a"), everything(Map.of()).stream().map(event -> event.actor().id()).toList());
    }

    @Test
    void thePastIsReplayedBetweenTwoMomentsIncludingBoth() {
        for (int i = 0; i < 5; i++) {
            log.publish("image", "tag", "id" + i, Map.of());
        }
        List<Event> middle = drain(log.subscribe(Optional.of(START.plusSeconds(1)), Optional.of(START.plusSeconds(3)), ALL));
        assertEquals(List.of("id1", "id2", "id3"), middle.stream().map(event -> event.actor().id()).toList());
    }

    @Test
    void aListenerGetsTheKeptEventsAndThenTheComingOnesWithoutAHole() throws InterruptedException {
        log.publish("container", "create", "a", Map.of());
        try (EventSubscription subscription = log.subscribe(Optional.of(START), Optional.empty(), ALL)) {
            log.publish("container", "start", "a", Map.of());
            assertEquals("create", subscription.next().orElseThrow().action());
            assertEquals("start", subscription.next().orElseThrow().action());
            assertEquals(1, log.listeners());
        }
        assertEquals(0, log.listeners());
    }

    @Test
    void waitingEndsAtTheDeadline() throws InterruptedException {
        try (EventSubscription subscription = log.subscribe(Optional.empty(), Optional.of(START), ALL)) {
            assertEquals(Optional.empty(), subscription.next());
        }
    }

    @Test
    void aListenerThatFallsTooFarBehindIsCutOffAndHoldsNobodyUp() throws InterruptedException {
        try (EventSubscription slow = log.subscribe(Optional.empty(), Optional.empty(), ALL)) {
            for (int i = 0; i <= EventLog.BACKLOG; i++) {
                log.publish("container", "start", "id" + i, Map.of());
            }
            assertEquals(Optional.empty(), slow.next());
            assertEquals(0, log.listeners());
        }
    }

    @Test
    void filtersReadAsTheReferencesDo() {
        publish("container", "create", "c1", Map.of("name", "web", "image", "busybox:latest", "role", "front"));
        publish("container", "exec_start: sh -c x", "c1", Map.of("name", "web", "image", "busybox:latest", "role", "front"));
        publish("container", "die", "c2", Map.of("name", "db", "image", "busybox:latest", "role", "back"));
        publish("image", "import", "sha256:aa", Map.of("name", "busybox:latest"));
        publish("network", "connect", "n1", Map.of("name", "bridge", "container", "c1"));
        assertEquals(3, passing(Map.of("type", List.of("container"))));
        assertEquals(2, passing(Map.of("container", List.of("web"))));
        assertEquals(3, passing(Map.of("container", List.of("web", "c2"))));
        assertEquals(1, passing(Map.of("event", List.of("exec_start"))));
        assertEquals(2, passing(Map.of("event", List.of("create", "die"))));
        assertEquals(1, passing(Map.of("container", List.of("web"), "event", List.of("create"))));
        assertEquals(2, passing(Map.of("label", List.of("role=front"))));
        assertEquals(0, passing(Map.of("label", List.of("role=front", "role=back"))));
        assertEquals(3, passing(Map.of("label", List.of("role"))));
        assertEquals(4, passing(Map.of("image", List.of("busybox"))));
        assertEquals(1, passing(Map.of("network", List.of("bridge"))));
        assertEquals(5, passing(Map.of("scope", List.of("local"))));
        assertEquals(2, passing(Map.of("volume", List.of("we"))), "the beginning of a name, whatever has it");
    }

    @Test
    void theNextDaemonKnowsTheLastEventsInTheirOrder(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("events.jsonl");
        int all = 5 * EventLog.KEPT + 7;
        for (int i = 0; i < all; ) {
            try (EventLog daemon = new EventLog(clock, new EventFile(file))) {
                for (int end = Math.min(all, i + 300); i < end; i++) {
                    daemon.publish("container", "create", "id" + i, Map.of("name", "n" + i, "image", "x"));
                }
            }
            Files.writeString(file, "{\"Type\":\"torn", StandardOpenOption.APPEND);
        }
        EventLog next = new EventLog(clock, new EventFile(file));
        List<Event> events = drain(next.subscribe(Optional.empty(), Optional.of(clock.instant()), new EventFilter(Filters.NONE)));
        assertEquals(EventLog.KEPT, events.size());
        for (int i = 0; i < events.size(); i++) {
            String id = "id" + (all - EventLog.KEPT + i);
            assertEquals(id, events.get(i).actor().id());
            assertEquals("x", events.get(i).from());
        }
        assertTrue(Files.readAllLines(file).size() <= 4 * EventLog.KEPT + 1);
    }

    @Test
    void anUnknownFilterIsNone() {
        publish("container", "create", "c1", Map.of());
        assertEquals(1, passing(Map.of("foo", List.of("x"))));
        assertEquals(1, passing(Map.of("type", List.of())));
        assertEquals(0, passing(Map.of("node", List.of("x"))));
    }

    private int passing(Map<String, List<String>> filters) {
        return everything(filters).size();
    }

    /** All that is kept and passes; the clock is far past the end, so nothing is waited for. */
    private List<Event> everything(Map<String, List<String>> filters) {
        return drain(log.subscribe(Optional.empty(), Optional.of(clock.instant()), new EventFilter(new Filters(filters))));
    }

    private static List<Event> drain(EventSubscription subscription) {
        try (subscription) {
            List<Event> events = new ArrayList<>();
            for (Optional<Event> event = subscription.next(); event.isPresent(); event = subscription.next()) {
                events.add(event.get());
            }
            return events;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private void publish(String type, String action, String id, Map<String, String> attributes) {
        log.publish(type, action, id, attributes);
        assertTrue(everything(Map.of()).getLast().action().equals(action));
    }

    /** Each look at it is a second later. */
    private static final class TickingClock extends Clock {
        private long seconds;

        @Override
        public Instant instant() {
            return START.plus(Duration.ofSeconds(seconds++));
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
