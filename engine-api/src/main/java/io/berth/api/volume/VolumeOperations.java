package io.berth.api.volume;

import io.berth.api.http.Filters;
import io.berth.api.wire.volume.CreateVolumeBody;
import io.berth.api.wire.volume.InspectVolume;
import io.berth.api.wire.volume.PrunedVolumes;
import io.berth.api.wire.volume.VolumeList;

/**
 * What the API does with volumes. Refusals are {@link io.berth.api.http.ApiException}s: a volume that does not exist is not found,
 * one that a container uses is a conflict.
 */
public interface VolumeOperations {

    /**
     * Those that pass the filters ({@code dangling}, {@code driver}, {@code label}, {@code name}), by name; a plugin that cannot be asked
     * is named in the warnings.
     */
    VolumeList list(Filters filters);

    /** The volume of that name, made when there is none. */
    InspectVolume create(CreateVolumeBody request);

    InspectVolume inspect(String name);

    /** @param force whether a volume that does not exist is as good as removed */
    void remove(String name, boolean force);

    /**
     * Removes what no container uses and the filters ({@code label}, {@code label!}) let pass.
     *
     * @param named whether volumes that somebody gave a name go too
     */
    PrunedVolumes prune(Filters filters, boolean named);
}
