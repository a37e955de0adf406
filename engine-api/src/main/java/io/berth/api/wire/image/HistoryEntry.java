package io.berth.api.wire.image;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;

/**
 * One step of an image's making, the newest first.
 *
 * @param created seconds since 1970
 * @param id the image's on the first entry, its parent's on the next and so on; {@code <missing>} from where there is none
 * @param size bytes of the step's layer, zero when it has none
 */
public record HistoryEntry(String comment, long created, String createdBy, String id, long size, @NullWhenEmpty List<String> tags) {
}
