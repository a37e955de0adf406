package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the health of a container is probed.
 *
 * @param command program and arguments of a probe; exit code 0 is good health
 * @param interval from the end of a probe to the next
 * @param timeout a probe that takes longer is killed, and has failed
 * @param startPeriod so long after the start failures do not count, until the first success
 * @param startInterval takes the interval's place in the start period, until the first success
 * @param retries so many failures in a row are bad health
 */
public record HealthCheck(List<String> command, Duration interval, Duration timeout, Duration startPeriod, Duration startInterval, int retries) {

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration USUAL = Duration.ofSeconds(30);
    private static final Duration USUAL_AT_START = Duration.ofSeconds(5);
    private static final int USUAL_RETRIES = 3;
    private static final List<String> SHELL = List.of("/bin/sh", "-c");

    /**
     * What a container's configuration asks for; empty when it is not to be probed. As the reference engine, a kind of test that is
     * not known is none.
     *
     * @throws ApiException invalid
     */
    public static Optional<HealthCheck> of(ContainerConfig config) {
        ContainerConfig.Healthcheck asked = config.healthcheck;
        if (asked == null) {
            return Optional.empty();
        }
        Duration interval = duration("Interval", asked.interval(), USUAL);
        Duration timeout = duration("Timeout", asked.timeout(), USUAL);
        Duration startPeriod = duration("StartPeriod", asked.startPeriod(), Duration.ZERO);
        Duration startInterval = duration("StartInterval", asked.startInterval(), USUAL_AT_START);
        if (asked.retries() < 0) {
            throw ApiException.invalid("Retries in Healthcheck cannot be negative");
        }
        List<String> command = command(asked.test(), config.shell);
        int retries = asked.retries() == 0 ? USUAL_RETRIES : asked.retries();
        return command.isEmpty() ? Optional.empty()
                : Optional.of(new HealthCheck(command, interval, timeout, startPeriod, startInterval, retries));
    }

    private static Duration duration(String name, long nanos, Duration usual) {
        if (nanos != 0 && nanos < SHORTEST.toNanos()) {
            throw ApiException.invalid(name + " in Healthcheck cannot be less than 1ms");
        }
        return nanos == 0 ? usual : Duration.ofNanos(nanos);
    }

    private static List<String> command(List<String> test, List<String> shell) {
        if (test.size() < 2) {
            return List.of();
        }
        List<String> words = test.subList(1, test.size());
        return switch (test.getFirst()) {
            case "CMD" -> List.copyOf(words);
            case "CMD-SHELL" -> {
                List<String> command = new ArrayList<>(shell.isEmpty() ? SHELL : shell);
                command.addAll(words);
                yield List.copyOf(command);
            }
            default -> List.of();
        };
    }

    /** What a container inherits from its image: each value that the client leaves open. */
    public static ContainerConfig.Healthcheck merge(ContainerConfig.Healthcheck asked, ContainerConfig.Healthcheck image) {
        if (asked == null || image == null) {
            return asked == null ? image : asked;
        }
        return new ContainerConfig.Healthcheck(asked.test().isEmpty() ? image.test() : asked.test(), or(asked.interval(), image.interval()),
                or(asked.timeout(), image.timeout()), or(asked.startPeriod(), image.startPeriod()),
                or(asked.startInterval(), image.startInterval()), (int) or(asked.retries(), image.retries()));
    }

    private static long or(long asked, long image) {
        return asked == 0 ? image : asked;
    }

    /** How long to wait for the next probe of a run that began at {@code started}. */
    public Duration pause(Health health, Instant started, Instant now) {
        boolean starting = health.status() == Health.Status.STARTING && now.isBefore(started.plus(startPeriod));
        return starting ? startInterval : interval;
    }

    /** What a probe makes of a container's health in a run that began at {@code started}. */
    public Health after(Health health, Health.Probe probe, Instant started) {
        if (probe.exitCode() == 0) {
            return health.with(Health.Status.HEALTHY, 0, probe);
        }
        boolean forgiven = health.status() == Health.Status.STARTING && probe.start().isBefore(started.plus(startPeriod));
        int streak = health.failingStreak() + (forgiven ? 0 : 1);
        return health.with(!forgiven && streak >= retries ? Health.Status.UNHEALTHY : health.status(), streak, probe);
    }
}
