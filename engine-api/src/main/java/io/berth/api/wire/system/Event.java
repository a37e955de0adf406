package io.berth.api.wire.system;

import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Something that happened. {@code status}, {@code id} and {@code from} repeat the action, the actor and the image for old clients;
 * the reference sends them for containers and images only.
 */
public record Event(@OmitEmpty @WireName("status") String status, @OmitEmpty @WireName("id") String id,
                    @OmitEmpty @WireName("from") String from, String type, String action, Actor actor,
                    @WireName("scope") String scope, @WireName("time") long time, @WireName("timeNano") long timeNano) {

    public record Actor(@WireName("ID") String id, Map<String, String> attributes) {
        public Actor {
            attributes = new TreeMap<>(attributes);
        }
    }

    /** An event of this engine, with the legacy fields filled where the reference fills them. */
    public static Event of(String type, String action, String id, Map<String, String> attributes, Instant at) {
        boolean legacy = type.equals("container") || type.equals("image");
        String from = type.equals("container") ? attributes.getOrDefault("image", "") : "";
        return new Event(legacy ? action : "", legacy ? id : "", from, type, action, new Actor(id, attributes), "local",
                at.getEpochSecond(), at.getEpochSecond() * 1_000_000_000L + at.getNano());
    }
}
