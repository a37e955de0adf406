package io.berth.daemon.container;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * How the last containers ended that removed themselves ({@code --rm}). A client that starts such a container and waits for it
 * afterwards, as dockerode and scripts do, may come when it is gone: it is told all the same, as an engine that takes longer to start
 * and to remove one would.
 *
 * <p>An id is that container's for ever. A name is only for as long as such an engine would take, and until somebody else had it.
 */
final class DepartedContainers {

    private static final int REMEMBERED = 1000;
    private static final long NAME_NANOS = Duration.ofMinutes(1).toNanos();

    private record Departed(String id, String name, int exitCode, long at) {}

    private final LongSupplier nanoTime;

    /** By their ids; this and the next under the monitor. */
    private final Map<String, Departed> byId = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Departed> eldest) {
            if (size() <= REMEMBERED) {
                return false;
            }
            byName.remove(eldest.getValue().name, eldest.getValue());
            return true;
        }
    };
    private final Map<String, Departed> byName = new HashMap<>();

    DepartedContainers() {
        this(System::nanoTime);
    }

    DepartedContainers(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** That a container is about to remove itself. */
    synchronized void add(Container container) {
        Departed departed = new Departed(container.id().hex(), container.name(), container.exitCode(), nanoTime.getAsLong());
        byId.put(departed.id, departed);
        byName.put(departed.name, departed);
    }

    /** That a container is gone: another that had its name before is not meant by it any more. */
    synchronized void removed(Container container) {
        byName.computeIfPresent(container.name(), (name, departed) -> departed.id.equals(container.id().hex()) ? departed : null);
    }

    /**
     * @param container a whole id, or a name, which nobody has now
     */
    synchronized OptionalInt exitCode(String container) {
        Departed departed = byId.get(container);
        if (departed == null) {
            departed = byName.get(container.startsWith("/") ? container.substring(1) : container);
            if (departed == null || nanoTime.getAsLong() - departed.at > NAME_NANOS) {
                return OptionalInt.empty();
            }
        }
        return OptionalInt.of(departed.exitCode);
    }
}
