package io.berth.daemon.system;

import io.berth.api.system.DiskUsageType;
import io.berth.api.wire.system.DiskUsage;
import java.util.List;
import java.util.Set;

/** Counts what the engine holds, for {@code docker info} and {@code docker system df}. */
public interface Census {

    /** How many containers there are, in the three classes the API knows; one that was only created counts as stopped. */
    record Containers(int running, int paused, int stopped) {
        public int total() {
            return running + paused + stopped;
        }
    }

    Containers containers();

    /** {@code local}, and the volume plugins that answer. */
    List<String> volumeDrivers();

    int images();

    /** What is held and how big it is; kinds that were not asked for are empty. */
    DiskUsage diskUsage(Set<DiskUsageType> types);

    /** An engine that holds nothing. */
    static Census empty() {
        return new Census() {
            @Override
            public Containers containers() {
                return new Containers(0, 0, 0);
            }

            @Override
            public List<String> volumeDrivers() {
                return List.of();
            }

            @Override
            public int images() {
                return 0;
            }

            @Override
            public DiskUsage diskUsage(Set<DiskUsageType> types) {
                return new DiskUsage(0, List.of(), List.of(), List.of(), List.of());
            }
        };
    }
}
