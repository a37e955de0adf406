package io.berth.api.wire.image;

import io.berth.api.wire.WireName;

/** That an image was pushed without the index it came by, of which some is missing; the CLI tells people so. */
public record PushedInsteadOfIndex(@WireName("manifestPushedInsteadOfIndex") boolean instead, @WireName("originalIndex") Descriptor index,
                                   @WireName("selectedManifest") Descriptor manifest) {

    public record Descriptor(@WireName("mediaType") String mediaType, @WireName("digest") String digest, @WireName("size") long size) {
    }
}
