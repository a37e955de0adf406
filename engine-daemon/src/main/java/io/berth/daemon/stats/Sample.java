package io.berth.daemon.stats;

import io.berth.api.wire.container.StatsResponse;
import io.berth.linux.cgroup.CgroupStatistics;
import java.time.Instant;
import java.util.Map;

/**
 * The counters of one container at one time.
 *
 * @param networks by the interface's name inside the container
 */
public record Sample(Instant read, CgroupStatistics cgroup, ProcessorTime machine, Map<String, StatsResponse.Network> networks) {
}
