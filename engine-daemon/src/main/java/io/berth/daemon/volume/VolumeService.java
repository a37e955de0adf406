package io.berth.daemon.volume;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.volume.VolumeOperations;
import io.berth.api.wire.volume.CreateVolumeBody;
import io.berth.api.wire.volume.InspectVolume;
import io.berth.api.wire.volume.PrunedVolumes;
import io.berth.api.wire.volume.VolumeList;
import io.berth.daemon.system.EventLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The API's operations on volumes. */
public final class VolumeService implements VolumeOperations {

    /** What the reference shows where a plugin says nothing. */
    private static final String UNKNOWN_TIME = "0001-01-01T00:00:00Z";

    private final Volumes volumes;
    private final EventLog events;

    public VolumeService(Volumes volumes, EventLog events) {
        this.volumes = volumes;
        this.events = events;
    }

    @Override
    public VolumeList list(Filters filters) {
        Optional<Boolean> dangling = filters.has("dangling") ? Optional.of(filters.flag("dangling", false)) : Optional.empty();
        VolumeListing listing = volumes.listing();
        return new VolumeList(listing.lines().stream()
                .filter(line -> dangling.map(unused -> unused == isUnused(line)).orElse(true))
                .filter(line -> filters.matchesAny("name", pattern -> matches(line.name(), pattern)))
                .filter(line -> filters.matches("driver", List.of(line.driver())))
                .filter(line -> filters.matchesLabels(line.volume().flatMap(Volume::labels).orElse(Map.of())))
                .map(this::view).toList(), listing.plugins().failures());
    }

    private boolean isUnused(VolumeListing.Line line) {
        return line.volume().map(volume -> volumes.users(volume.name()).isEmpty()).orElse(true);
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
        VolumeRequest wanted = VolumeRequest.of(request.driver, Optional.ofNullable(request.labels), Optional.ofNullable(request.driverOpts));
        Volume made = request.name.isEmpty() ? volumes.createAnonymous(wanted) : volumes.create(new VolumeName(request.name), wanted);
        return made.isLocal() ? view(made, null) : shown(made);
    }

    @Override
    public InspectVolume inspect(String name) {
        Volume volume = volumes.adopted(name).orElseGet(() -> volumes.resolve(name));
        return volume.isLocal() ? view(volume, null) : shown(volume);
    }

    @Override
    public void remove(String name, boolean force) {
        if (!force || volumes.adopted(name).isPresent()) {
            volumes.remove(name);
        }
    }

    @Override
    public PrunedVolumes prune(Filters filters, boolean named) {
        List<String> removed = new ArrayList<>();
        long reclaimed = 0;
        for (Volume volume : volumes.list()) {
            if (volume.isOwnContent() && (named || volume.isAnonymous()) && volumes.users(volume.name()).isEmpty() && filters.matchesLabels(volume.labels().orElse(Map.of()))) {
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

    /** The volumes on the engine's own disk with what they take and who uses them, for {@code system df}. */
    public List<InspectVolume> usage() {
        return volumes.list().stream().filter(Volume::isOwnContent).map(volume -> view(volume,
                new InspectVolume.UsageData(volumes.users(volume.name()).size(), volumes.size(volume.name())))).toList();
    }

    private InspectVolume view(VolumeListing.Line line) {
        return line.told().map(told -> view(line.name(), line.driver(), line.volume(), told))
                .orElseGet(() -> view(line.volume().orElseThrow(), null));
    }

    /** With what its plugin tells of it. */
    private InspectVolume shown(Volume volume) {
        return view(volume.name().text(), volume.driver(), Optional.of(volume), volumes.told(volume));
    }

    private InspectVolume view(String name, String driver, Optional<Volume> volume, PluginVolumes.Told told) {
        String created = told.seen().created().isEmpty() ? volume.map(known -> known.created().toString()).orElse(UNKNOWN_TIME) : told.seen().created();
        return new InspectVolume(created, driver, volume.flatMap(Volume::labels).orElse(null), told.seen().mountpoint(), name,
                volume.flatMap(Volume::options).orElse(null), told.scope(), told.seen().status(), null);
    }

    private InspectVolume view(Volume volume, InspectVolume.UsageData usage) {
        return new InspectVolume(volume.created().toString(), volume.driver(), volume.labels().orElse(null),
                volumes.mountpoint(volume.name()), volume.name().text(), volume.options().orElse(null), "local", Map.of(), usage);
    }
}
