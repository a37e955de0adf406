package io.berth.api.wire.image;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;

/**
 * One step of an image's making, the newest first.
 *
 * @param created seconds since 1970
 * @param id the image's id on the first entry, {@code <missing>} on the others
 * @param size bytes of the step's layer, zero when it has none
 */
public record HistoryEntry(String comment, long created, String createdBy, String id, long size, @NullWhenEmpty List<String> tags) {
}
