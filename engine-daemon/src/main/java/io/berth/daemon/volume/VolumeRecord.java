package io.berth.daemon.volume;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.berth.api.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One record of the volumes' journal, as JSON (docs/formats/volumes.md).
 *
 * @param driver the plugin that keeps it; missing for the engine's own
 * @param created with it the record introduces a volume, or replaces what was known of it
 * @param removed the volume is gone
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record VolumeRecord(String name, @JsonSetter(nulls = Nulls.SET) String driver, @JsonSetter(nulls = Nulls.SET) String created,
        @JsonSetter(nulls = Nulls.SET) Map<String, String> labels,
        @JsonSetter(nulls = Nulls.SET) Map<String, String> options, @JsonSetter(nulls = Nulls.SET) String madeFor, Boolean removed) {

    static VolumeRecord of(Volume volume) {
        return new VolumeRecord(volume.name().text(), volume.isLocal() ? null : volume.driver(), volume.created().toString(), volume.labels().orElse(null), volume.options().orElse(null),
                volume.madeFor().orElse(null), null);
    }

    static VolumeRecord removed(VolumeName name) {
        return new VolumeRecord(name.text(), null, null, null, null, null, true);
    }

    byte[] bytes() {
        return Json.bytes(this);
    }

    static VolumeRecord read(byte[] bytes) {
        try {
            return Json.mapper().readValue(bytes, VolumeRecord.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("read a record of the volumes' journal", unreadable);
        }
    }

    /** @param gone names whose directories may still be there, because a crash came between the record and the directory's end */
    void replay(Map<VolumeName, Volume> volumes, Set<VolumeName> gone) {
        VolumeName key = new VolumeName(name);
        if (Boolean.TRUE.equals(removed)) {
            volumes.remove(key);
            gone.add(key);
        } else {
            volumes.put(key, new Volume(key, driver == null ? Volume.DRIVER : driver, Instant.parse(created), Optional.ofNullable(labels), Optional.ofNullable(options),
                    Optional.ofNullable(madeFor)));
            gone.remove(key);
        }
    }
}
