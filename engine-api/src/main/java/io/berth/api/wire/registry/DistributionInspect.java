package io.berth.api.wire.registry;

import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;

/** What a registry has under a name. */
public record DistributionInspect(Descriptor descriptor, List<Platform> platforms) {

    /** @param size in bytes, of the manifest or index itself */
    public record Descriptor(@WireName("mediaType") String mediaType, @WireName("digest") String digest, @WireName("size") long size) {
    }

    public record Platform(@WireName("architecture") String architecture, @WireName("os") String os,
                           @OmitEmpty @WireName("variant") String variant) {
    }
}
