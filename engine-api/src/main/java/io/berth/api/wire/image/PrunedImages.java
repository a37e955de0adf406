package io.berth.api.wire.image;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;

/** What a prune of images has done, in the order it did it, and the bytes of disk that were won. */
public record PrunedImages(@NullWhenEmpty List<RemovedImage> imagesDeleted, long spaceReclaimed) {
}
