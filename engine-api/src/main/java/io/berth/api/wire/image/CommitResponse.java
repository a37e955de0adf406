package io.berth.api.wire.image;

/** @param id of the image */
public record CommitResponse(String id) {
}
