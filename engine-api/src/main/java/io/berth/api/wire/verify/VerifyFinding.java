package io.berth.api.wire.verify;

import io.berth.api.wire.OmitEmpty;
import java.util.List;

/**
 * One thing that is not as it has to be, or worth knowing.
 *
 * @param kind damage, unreadable, reclaimable or note
 * @param images those it concerns, as {@code app:1 (0123456789ab)}
 * @param layer a diff id; empty when it is about none, like the next two
 * @param message all of it in one sentence
 */
public record VerifyFinding(String kind, List<String> images, @OmitEmpty String layer, @OmitEmpty String blob, @OmitEmpty String file,
                            String problem, boolean mended, @OmitEmpty String remedy, String message) {
}
