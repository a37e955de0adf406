package io.berth.api;

import io.berth.api.system.DiskUsageType;
import io.berth.api.system.EventSubscription;
import io.berth.api.system.EventsRequest;
import io.berth.api.system.PingAnswer;
import io.berth.api.system.SystemOperations;
import io.berth.api.wire.system.DiskUsage;
import io.berth.api.wire.system.Event;
import io.berth.api.wire.system.InfoResponse;
import io.berth.api.wire.system.VersionResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;

/** An engine that has nothing but what the tests give it; it remembers what it was asked. */
public final class FakeSystem implements SystemOperations {
    /** An empty one ends the subscription. */
    public final LinkedBlockingQueue<Optional<Event>> events = new LinkedBlockingQueue<>();
    public final LinkedBlockingQueue<String> closedSubscriptions = new LinkedBlockingQueue<>();
    public final List<Object> asked = new ArrayList<>();

    @Override
    public PingAnswer ping() {
        return new PingAnswer(1);
    }

    @Override
    public VersionResponse version() {
        return new VersionResponse(new VersionResponse.Platform("Berth"), List.of(new VersionResponse.Component("Engine", "28.5.2+berth",
                Map.of("ApiVersion", "1.51", "Arch", "amd64", "BuildTime", "2026-11-22T00:00:00.000000000+00:00", "Experimental", "false",
                        "GitCommit", "abc", "GoVersion", "java25", "KernelVersion", "6.18", "MinAPIVersion", "1.24", "Os", "linux"))),
                "28.5.2+berth", "1.51", "1.24", "abc", "java25", "linux", "amd64", "6.18", false, "2026-11-22T00:00:00.000000000+00:00");
    }

    @Override
    public InfoResponse info() {
        InfoResponse info = new InfoResponse();
        info.name = "fake";
        info.serverVersion = "28.5.2+berth";
        return info;
    }

    @Override
    public DiskUsage diskUsage(Set<DiskUsageType> types) {
        asked.add(types);
        return new DiskUsage(0, List.of(), List.of(), List.of(), List.of());
    }

    @Override
    public EventSubscription subscribe(EventsRequest request) {
        asked.add(request);
        return new EventSubscription() {
            @Override
            public Optional<Event> next() throws InterruptedException {
                return events.take();
            }

            @Override
            public void close() {
                closedSubscriptions.add("closed");
            }
        };
    }
}
