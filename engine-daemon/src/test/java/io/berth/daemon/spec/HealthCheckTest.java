package io.berth.daemon.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.api.wire.container.ContainerConfig.Healthcheck;
import io.berth.daemon.container.Fixtures;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthCheckTest {

    private static final Instant START = Fixtures.NOON;
    private static final HealthCheck CHECK = new HealthCheck(List.of("true"), Duration.ofSeconds(30), Duration.ofSeconds(30),
            Duration.ofSeconds(60), Duration.ofSeconds(5), 2);

    private static Optional<HealthCheck> of(List<String> test) {
        return HealthCheck.of(Fixtures.config(config -> config.healthcheck = new Healthcheck(test, 0, 0, 0, 0, 0)));
    }

    private static Health.Probe probe(int second, int exitCode) {
        return new Health.Probe(START.plusSeconds(second), START.plusSeconds(second + 1), exitCode, "");
    }

    private static Health after(int... secondsAndCodes) {
        Health health = Health.UNKNOWN;
        for (int i = 0; i < secondsAndCodes.length; i += 2) {
            health = CHECK.after(health, probe(secondsAndCodes[i], secondsAndCodes[i + 1]), START);
        }
        return health;
    }

    private static String shown(Health health) {
        return health.status().word() + " " + health.failingStreak() + " " + health.log().size();
    }

    @Test
    void defaultsAreTheReferences() {
        assertEquals(Optional.of(new HealthCheck(List.of("a", "b"), Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ZERO,
                Duration.ofSeconds(5), 3)), of(List.of("CMD", "a", "b")));
    }

    @Test
    void aLineGoesToTheShellOfTheConfiguration() {
        assertEquals(List.of("/bin/sh", "-c", "a b"), of(List.of("CMD-SHELL", "a b")).orElseThrow().command());
        assertEquals(List.of("/bin/ash", "-ec", "a b"), HealthCheck.of(Fixtures.config(config -> {
            config.healthcheck = new Healthcheck(List.of("CMD-SHELL", "a b"), 0, 0, 0, 0, 0);
            config.shell = List.of("/bin/ash", "-ec");
        })).orElseThrow().command());
    }

    @Test
    void someTestsAreNone() {
        for (List<String> test : List.of(List.<String>of(), List.of("NONE"), List.of("CMD"), List.of("OTHER", "x"))) {
            assertEquals(Optional.empty(), of(test), test.toString());
        }
    }

    @Test
    void whatTheClientLeavesOpenIsTheImages() {
        Healthcheck image = new Healthcheck(List.of("CMD", "a"), 1, 2, 3, 4, 5);
        assertEquals(image, HealthCheck.merge(null, image));
        assertEquals(new Healthcheck(List.of("CMD", "a"), 9, 2, 3, 4, 8), HealthCheck.merge(new Healthcheck(List.of(), 9, 0, 0, 0, 8), image));
        assertEquals(new Healthcheck(List.of("NONE"), 1, 2, 3, 4, 5), HealthCheck.merge(new Healthcheck(List.of("NONE"), 0, 0, 0, 0, 0), image));
    }

    @Test
    void failuresOfTheStartPeriodAreForgivenUntilTheFirstSuccess() {
        assertEquals("starting 0 2", shown(after(1, 1, 2, 1)));
        assertEquals("unhealthy 2 3", shown(after(1, 0, 2, 1, 3, 1)));
        assertEquals("unhealthy 2 3", shown(after(1, 1, 61, 1, 62, 1)));
    }

    @Test
    void oneSuccessIsEnough() {
        assertEquals("healthy 0 4", shown(after(61, 1, 62, 1, 63, 1, 64, 0)));
    }

    @Test
    void theLogHoldsFive() {
        assertEquals("healthy 0 5", shown(after(1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0)));
        assertEquals(START.plusSeconds(3), after(1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0).log().getFirst().start());
    }

    @Test
    void probesComeAtTheStartIntervalUntilTheFirstSuccess() {
        assertEquals(Duration.ofSeconds(5), CHECK.pause(Health.UNKNOWN, START, START.plusSeconds(59)));
        assertEquals(Duration.ofSeconds(30), CHECK.pause(Health.UNKNOWN, START, START.plusSeconds(60)));
        assertEquals(Duration.ofSeconds(30), CHECK.pause(after(1, 0), START, START.plusSeconds(2)));
    }
}
