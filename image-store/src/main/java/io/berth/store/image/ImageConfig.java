package io.berth.store.image;

import io.berth.store.content.Digest;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an image says of itself: the OCI image configuration with the additions of Docker's images. The bytes it was read from
 * are a blob whose digest is the image's id; this is never written back.
 *
 * @param created as written in the file, RFC 3339 when it is sound; empty when absent
 * @param variant of the architecture, as {@code v8}; empty when absent, like every other text here
 */
public record ImageConfig(String created, String author, String comment, String os, String architecture, String variant,
        String osVersion, String dockerVersion, Process process, List<Step> history, List<Digest> diffIds) {

    public ImageConfig {
        history = List.copyOf(history);
        diffIds = List.copyOf(diffIds);
    }

    /**
     * How containers of the image run unless they are told otherwise.
     *
     * @param command the arguments ({@code Cmd}); empty when there are none
     * @param exposedPorts as {@code 80/tcp}
     * @param onBuild instructions for images built from this one
     */
    public record Process(String user, List<String> environment, List<String> entrypoint, List<String> command,
            String workingDirectory, Set<String> exposedPorts, Set<String> volumes, Map<String, String> labels, String stopSignal,
            Optional<Integer> stopTimeout, Optional<HealthCheck> healthCheck, List<String> shell, List<String> onBuild) {

        public static final Process NONE = new Process("", List.of(), List.of(), List.of(), "", Set.of(), Set.of(), Map.of(), "",
                Optional.empty(), Optional.empty(), List.of(), List.of());
    }

    /**
     * How to ask a container whether it is well. A zero duration means the default.
     *
     * @param test {@code NONE}; {@code CMD} and arguments; or {@code CMD-SHELL} and a line
     */
    public record HealthCheck(List<String> test, Duration interval, Duration timeout, Duration startPeriod,
            Duration startInterval, int retries) {}

    /**
     * One step of how the image was made.
     *
     * @param emptyLayer whether the step made no layer
     */
    public record Step(String created, String createdBy, String author, String comment, boolean emptyLayer) {}

    /** Whether the history is that of another image and one step more, or neither has any. */
    boolean continues(ImageConfig other) {
        int before = other.history.size();
        return history.size() == before + 1 && history.subList(0, before).equals(other.history) || history.isEmpty() && before == 0;
    }

    public Platform platform() {
        return new Platform(os.isEmpty() ? "linux" : os, architecture, variant);
    }

    /** When it was made, if it says so in a way that can be read. */
    public Optional<Instant> createdAt() {
        return instant(created);
    }

    static Optional<Instant> instant(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException unsound) {
            return Optional.empty();
        }
    }
}
