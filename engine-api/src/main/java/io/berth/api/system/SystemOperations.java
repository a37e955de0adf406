package io.berth.api.system;

import io.berth.api.wire.system.DiskUsage;
import io.berth.api.wire.system.InfoResponse;
import io.berth.api.wire.system.VersionResponse;
import java.util.Set;

/** What the API tells of the engine as a whole. Called on a virtual thread each; every operation may block. */
public interface SystemOperations {
    /** Asked very often and by health checks; must not wait for anything. */
    PingAnswer ping();

    VersionResponse version();

    InfoResponse info();

    /** @param types what to count; the others stay empty */
    DiskUsage diskUsage(Set<DiskUsageType> types);

    /**
     * Subscribes before it returns: every later event is delivered, after those of the past that the request asks for. Unknown
     * filters are left out.
     */
    EventSubscription subscribe(EventsRequest request);
}
