package io.berth.api.wire.registry;

import io.berth.api.wire.WireName;

/** A repository that a search found. {@code automated} is a thing of the past and always false. */
public record FoundImage(@WireName("star_count") int stars, @WireName("is_official") boolean official, @WireName("name") String name,
                         @WireName("is_automated") boolean automated, @WireName("description") String description) {
}
