package io.berth.daemon.container;

import io.berth.daemon.spec.ContainerId;
import io.berth.linux.keeper.log.LogWatch;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who follows which container's log, so that they learn of its end. */
final class FollowedLogs {

    private final Map<ContainerId, List<LogWatch>> followers = new ConcurrentHashMap<>();

    void add(ContainerId container, LogWatch watch) {
        followers.compute(container, (id, watches) -> {
            List<LogWatch> all = watches == null ? new CopyOnWriteArrayList<>() : watches;
            all.add(watch);
            return all;
        });
    }

    void remove(ContainerId container, LogWatch watch) {
        followers.computeIfPresent(container, (id, watches) -> {
            watches.remove(watch);
            return watches.isEmpty() ? null : watches;
        });
    }

    /** The container has ended and its log is complete. */
    void ended(ContainerId container) {
        followers.getOrDefault(container, List.of()).forEach(LogWatch::end);
    }
}
