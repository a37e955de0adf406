package io.berth.api.container;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which part of a log to show. At least one of {@code stdout} and {@code stderr} is true.
 *
 * @param tail the number of lines at the end to begin with; absent means all
 * @param follow go on with what is written later, until the container ends
 * @param details show the attributes of the log driver before each line
 */
public record LogsRequest(String container, boolean stdout, boolean stderr, Optional<Instant> since, Optional<Instant> until,
                          OptionalInt tail, boolean follow, boolean timestamps, boolean details) {
}
