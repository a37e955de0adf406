package io.berth.api.wire.volume;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * A volume as list, inspect and create show it.
 *
 * @param createdAt RFC 3339, to the second
 * @param labels null when whoever made the volume gave none, which differs from giving an empty set; so with {@code options}
 * @param mountpoint where its content is on the host
 * @param scope {@code local}, or {@code global} for what all machines of a cluster see
 * @param status what a plugin tells of it
 * @param usageData null except in {@code system df}
 */
public record InspectVolume(String createdAt, String driver, Map<String, String> labels, String mountpoint, String name,
                            Map<String, String> options, String scope, @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Object> status,
                            @JsonInclude(JsonInclude.Include.NON_NULL) UsageData usageData) {

    /**
     * @param refCount how many containers use it
     * @param size in bytes
     */
    public record UsageData(long refCount, long size) {
    }
}
