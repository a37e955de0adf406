package io.berth.api.wire.volume;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;

/** The answer of {@code GET /volumes}. */
public record VolumeList(List<InspectVolume> volumes, @NullWhenEmpty List<String> warnings) {
}
