package io.berth.api.wire.container;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;

public record UpdateContainerResponse(@NullWhenEmpty List<String> warnings) {
}
