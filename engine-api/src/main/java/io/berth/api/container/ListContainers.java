package io.berth.api.container;

import io.berth.api.http.Filters;
import java.util.OptionalInt;

/**
 * @param all also those that do not run
 * @param limit only so many of the newest, whatever their state
 * @param size whether to compute the sizes
 */
public record ListContainers(boolean all, OptionalInt limit, boolean size, Filters filters) {
}
