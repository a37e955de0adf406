package io.berth.api.system;

import io.berth.api.http.Filters;
import java.time.Instant;
import java.util.Optional;

/**
 * @param since begin with the remembered events from this time on; absent means only new ones
 * @param until end at this time; in the past, end after the remembered ones
 */
public record EventsRequest(Optional<Instant> since, Optional<Instant> until, Filters filters) {
}
