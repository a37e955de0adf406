package io.berth.daemon.volume;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.volume.VolumeOperations;
import io.berth.api.wire.volume.CreateVolumeBody;
import io.berth.api.wire.volume.InspectVolume;
import io.berth.api.wire.volume.PrunedVolumes;
import io.berth.daemon.system.EventLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The API's operations on volumes. */
public final class VolumeService implements VolumeOperations {

    private final Volumes volumes;
    private final EventLog events;

    public VolumeService(Volumes volumes, EventLog events) {
        this.volumes = volumes;
        this.events = events;
    }

    @Override
    public List<InspectVolume> list(Filters filters) {
        Optional<Boolean> dangling = filters.has("dangling") ? Optional.of(filters.flag("dangling", false)) : Optional.empty();
        return volumes.list().stream()
                .filter(volume -> dangling.map(unused -> unused == volumes.users(volume.name()).isEmpty()).orElse(true))
                .filter(volume -> filters.matchesAny("name", pattern -> matches(volume.name().text(), pattern)))
                .filter(volume -> filters.matches("driver", List.of(Volume.DRIVER)))
                .filter(volume -> filters.matchesLabels(volume.labels().orElse(Map.of())))
                .map(volume -> view(volume, null)).toList();
    }

    /** A part of the name, or a pattern. */
    private static boolean matches(String name, String pattern) {
        try {
            return name.equals(pattern) || Pattern.compile(pattern).matcher(name).find();
        } catch (PatternSyntaxException noPattern) {
            return false;
        }
    }

    @Override
    public InspectVolume create(CreateVolumeBody request) {
        if (!request.clusterVolumeSpec.isEmpty()) {
            throw new ApiException(ApiException.Kind.UNAVAILABLE, "This node is not a swarm manager. Use \"docker swarm init\" or \"docker"
                    + " swarm join\" to connect this node to swarm and try again.");
        }
        VolumeDriver.require(request.name, request.driver, request.driverOpts == null ? Map.of() : request.driverOpts);
        Optional<Map<String, String>> labels = Optional.ofNullable(request.labels);
        Optional<Map<String, String>> options = Optional.ofNullable(request.driverOpts);
        if (!request.name.isEmpty()) {
            return view(volumes.create(new VolumeName(request.name), labels, options), null);
        }
        Map<String, String> marked = new LinkedHashMap<>(labels.orElse(Map.of()));
        marked.put(Volume.ANONYMOUS, "");
        return view(volumes.create(VolumeName.random(), Optional.of(marked), options), null);
    }

    @Override
    public InspectVolume inspect(String name) {
        return view(volumes.resolve(name), null);
    }

    @Override
    public void remove(String name, boolean force) {
        if (!force || volumes.find(name).isPresent()) {
            volumes.remove(name);
        }
    }

    @Override
    public PrunedVolumes prune(Filters filters, boolean named) {
        List<String> removed = new ArrayList<>();
        long reclaimed = 0;
        for (Volume volume : volumes.list()) {
            if ((named || volume.isAnonymous()) && volumes.users(volume.name()).isEmpty() && filters.matchesLabels(volume.labels().orElse(Map.of()))) {
                long size = volumes.size(volume.name());
                if (volumes.removeUnused(volume.name())) {
                    removed.add(volume.name().text());
                    reclaimed += size;
                }
            }
        }
        events.publish("volume", "prune", "", Map.of("reclaimed", Long.toString(reclaimed)));
        return new PrunedVolumes(removed, reclaimed);
    }

    /** All volumes with what they take and who uses them, for {@code system df}. */
    public List<InspectVolume> usage() {
        return volumes.list().stream().map(volume -> view(volume,
                new InspectVolume.UsageData(volumes.users(volume.name()).size(), volumes.size(volume.name())))).toList();
    }

    private InspectVolume view(Volume volume, InspectVolume.UsageData usage) {
        return new InspectVolume(volume.created().toString(), Volume.DRIVER, volume.labels().orElse(null),
                volumes.content(volume.name()).toString(), volume.name().text(), volume.options().orElse(null), "local", usage);
    }
}
