package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.http.PastTime;
import io.berth.api.wire.container.PruneContainersResponse;
import io.berth.daemon.system.EventLog;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code docker container prune}: removes what does not run. */
final class ContainerPrune {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerPrune.class);
    private static final Set<String> KEYS = Set.of("until", "label", "label!");

    private final Containers containers;
    private final ContainerRemoval removal;
    private final DiskSizes sizes;
    private final EventLog events;
    private final Clock clock;
    private final AtomicBoolean underWay = new AtomicBoolean();

    ContainerPrune(Containers containers, ContainerRemoval removal, DiskSizes sizes, EventLog events, Clock clock) {
        this.containers = containers;
        this.removal = removal;
        this.sizes = sizes;
        this.events = events;
        this.clock = clock;
    }

    /** @throws ApiException for an unknown filter, and conflict while another one goes on */
    PruneContainersResponse prune(Filters filters) {
        filters.requireKnown(KEYS);
        Optional<Instant> until = PastTime.until(filters, clock);
        if (!underWay.compareAndSet(false, true)) {
            throw ApiException.conflict("a prune operation is already running");
        }
        try {
            List<String> removed = new ArrayList<>();
            long reclaimed = 0;
            for (Container container : containers.list()) {
                boolean meant = !container.state().isUp() && filters.matchesLabels(container.definition().config().labels)
                        && until.map(time -> !container.created().isAfter(time)).orElse(true);
                if (meant) {
                    reclaimed += remove(container, removed);
                }
            }
            events.publish("container", "prune", "", Map.of("reclaimed", Long.toString(reclaimed)));
            return new PruneContainersResponse(removed, reclaimed);
        } finally {
            underWay.set(false);
        }
    }

    /** The bytes that were won. One that is started or removed by somebody else meanwhile is passed over. */
    private long remove(Container container, List<String> removed) {
        try {
            long size = sizes.changes(container);
            removal.remove(container);
            removed.add(container.id().hex());
            return size;
        } catch (ApiException overtaken) {
            LOG.debug("container {} is not pruned: {}", container.id().shortForm(), overtaken.getMessage());
        } catch (RuntimeException failure) {
            LOG.warn("container {} cannot be pruned", container.id().shortForm(), failure);
        }
        return 0;
    }
}
