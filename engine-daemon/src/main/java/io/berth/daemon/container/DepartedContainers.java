package io.berth.daemon.container;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How the last containers ended that removed themselves ({@code --rm}). A client that starts such a container and waits for it
 * afterwards, as dockerode does, may come when it is gone: it is told all the same, as an engine that takes longer to start one would.
 */
final class DepartedContainers {

    private static final int REMEMBERED = 1000;

    /** Under the monitor. */
    private final Map<String, Integer> exitCodes = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };

    synchronized void add(Container container) {
        exitCodes.put(container.id().hex(), container.exitCode());
    }

    /** By the whole id: a name may be somebody else's by now. */
    synchronized OptionalInt exitCode(String id) {
        Integer code = exitCodes.get(id);
        return code == null ? OptionalInt.empty() : OptionalInt.of(code);
    }
}
