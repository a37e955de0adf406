package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An engine that starts unhealthy containers again, unless they say otherwise. */
class RestartUnhealthyTest extends ContainerTest {

    @BeforeAll
    static void startAnotherEngine() {
        engine.close();
        engine = EngineUnderTest.start("--restart-unhealthy");
        loadImage();
    }

    private static String illAfterAWhile(String... options) {
        String[] words = {"--stop-timeout", "0", "--health-cmd", "test ! -e /tmp/ill", "--health-interval=100ms", "--health-retries=2", IMAGE, "sh", "-c",
            "rm -f /tmp/ill; exec sleep 1000"};
        return runDetached(Stream.of(options, words).flatMap(Arrays::stream).toArray(String[]::new));
    }

    private static void await(String container, String health) {
        Await.until(container + " to be " + health, PATIENCE, () -> inspect(container, ".State.Health.Status").equals(health),
                () -> inspect(container, "json .State"));
    }

    @Test
    void theSettingIsForAllThatDoNotSay() {
        engine.requireBerth("the setting is our own");
        String asks = illAfterAWhile();
        String refuses = illAfterAWhile("--label", "io.berth.restart-unhealthy=false");
        await(asks, "healthy");
        await(refuses, "healthy");
        docker("exec", refuses, "touch", "/tmp/ill").succeeded();
        await(refuses, "unhealthy");
        docker("exec", asks, "touch", "/tmp/ill").succeeded();
        Await.until("another start", PATIENCE, () -> inspect(asks, ".RestartCount").equals("1"), () -> inspect(asks, "json .State"));
        await(asks, "healthy");
        assertEquals("0 unhealthy", inspect(refuses, ".RestartCount") + " " + inspect(refuses, ".State.Health.Status"));
    }
}
