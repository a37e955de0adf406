package io.berth.daemon.container;

import java.time.Duration;

/** Runs a probe: a further process in a container, whose output and end are waited for. */
@FunctionalInterface
public interface HealthProbe {

    /**
     * @param exitCode of its process, -1 when there was none or it was killed
     * @param output the beginning of what it wrote, or why there was no process
     */
    record Outcome(int exitCode, String output) {
    }

    /** Blocks until the process has ended; it is killed when it takes longer than the timeout. */
    Outcome run(RunningContainer place, ExecProcess process, Duration timeout);
}
