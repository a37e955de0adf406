package io.berth.api.system;

import io.berth.api.http.ApiException;

/** The kinds of things that take room. */
public enum DiskUsageType {
    CONTAINER("container"), IMAGE("image"), VOLUME("volume"), BUILD_CACHE("build-cache");

    private final String word;

    DiskUsageType(String word) {
        this.word = word;
    }

    static DiskUsageType parse(String word) {
        for (DiskUsageType type : values()) {
            if (type.word.equals(word)) {
                return type;
            }
        }
        throw ApiException.invalid("unknown object type: " + word);
    }
}
