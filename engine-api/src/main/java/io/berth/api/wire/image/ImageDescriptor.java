package io.berth.api.wire.image;

import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.Map;

/**
 * Names a document of an image by its content, as OCI images do.
 *
 * @param size in bytes
 * @param platform what the document is for, or null
 */
public record ImageDescriptor(@WireName("mediaType") String mediaType, @WireName("digest") String digest, @WireName("size") long size,
                              @WireName("annotations") @OmitEmpty Map<String, String> annotations,
                              @WireName("platform") @OmitEmpty OciPlatform platform) {

    /** A platform in the spelling of OCI. */
    public record OciPlatform(@WireName("architecture") String architecture, @WireName("os") String os,
                              @WireName("variant") @OmitEmpty String variant) {
    }
}
