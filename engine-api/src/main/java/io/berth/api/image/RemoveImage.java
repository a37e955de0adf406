package io.berth.api.image;

import java.util.List;

/**
 * @param force also when several references name it, or a stopped container uses it
 * @param prune remove untagged parents too
 * @param platforms the JSON of those that are meant; empty for whatever the image is for
 */
public record RemoveImage(String image, boolean force, boolean prune, List<String> platforms) {
}
