package io.berth.api.image;

import java.util.List;

/** @param quiet leave out progress, not results */
public record LoadImages(boolean quiet, List<String> platforms) {
}
