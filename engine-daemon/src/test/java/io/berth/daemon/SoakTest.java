package io.berth.daemon;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Some seconds of {@link Soak}; {@code ./dev soak} does it with 200 containers for five minutes. */
@Timeout(3600)
class SoakTest extends ContainerTest {

    private static final int CONTAINERS = Integer.getInteger("berth.soak.containers", 20);
    private static final int SECONDS = Integer.getInteger("berth.soak.seconds", 15);

    @Test
    void clientsThatComeAndGoLoseNoByteAndLeaveNothing() throws Exception {
        engine.requireBerth("looks into the daemon's process");
        long seed = System.nanoTime();
        new Soak(engine, IMAGE, MARK, seed).run(Math.min(CONTAINERS, 50), 5); // what the first load makes stays: threads, buffers, code
        Set<String> traces = engine.traces();
        Map<String, Long> before = EngineSizes.of(engine);
        Soak soak = new Soak(engine, IMAGE, MARK, seed + 1);
        soak.run(CONTAINERS, SECONDS);
        Await.until("all traces to be gone", PATIENCE, () -> traces.containsAll(engine.traces()), () -> engine.traces() + "\ninstead of " + traces);
        Await.until("the engine to be as small as before", Duration.ofSeconds(60),
                () -> EngineSizes.grown(before, EngineSizes.of(engine)).isEmpty(), () -> EngineSizes.grown(before, EngineSizes.of(engine)).toString());
        System.out.printf("soak: %d containers, %d s, seed %d, %s%nsoak: %s%nsoak: %s before%n", CONTAINERS, SECONDS, seed, soak.visits(),
                EngineSizes.of(engine), before);
    }
}
