package io.berth.api;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.volume.VolumeOperations;
import io.berth.api.wire.volume.CreateVolumeBody;
import io.berth.api.wire.volume.InspectVolume;
import io.berth.api.wire.volume.PrunedVolumes;
import io.berth.api.wire.volume.VolumeList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Volumes of which only {@code there} exists; it remembers what it was asked. */
public final class FakeVolumes implements VolumeOperations {
    public final List<String> asked = new ArrayList<>();

    private static InspectVolume volume(CreateVolumeBody made) {
        return new InspectVolume("2026-03-01T12:00:00Z", "local", made.labels, "/v/there/_data", "there", made.driverOpts, "local", Map.of(), null);
    }

    @Override
    public VolumeList list(Filters filters) {
        asked.add("list " + filters.values());
        return new VolumeList(List.of(volume(new CreateVolumeBody())), List.of());
    }

    @Override
    public InspectVolume create(CreateVolumeBody request) {
        asked.add("create " + request.name + " " + request.labels);
        return volume(request);
    }

    @Override
    public InspectVolume inspect(String name) {
        if (!name.equals("there")) {
            throw ApiException.notFound("get " + name + ": no such volume");
        }
        return volume(new CreateVolumeBody());
    }

    @Override
    public void remove(String name, boolean force) {
        asked.add("remove " + name + " " + force);
    }

    @Override
    public PrunedVolumes prune(Filters filters, boolean named) {
        asked.add("prune " + filters.values() + " " + named);
        return new PrunedVolumes(List.of("there"), 4096);
    }
}
