package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.spec.Health;
import io.berth.daemon.spec.HealthCheck;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes the health of containers. One thread counts down for all of them; a probe has a thread of its own while it runs. A run
 * that is over is noticed when its next probe is due, and one that is paused is left alone until the one after.
 */
final class HealthChecks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);
    /** Whether a container is started again when it becomes unhealthy: {@code true} or {@code false}. */
    private static final String RESTART_LABEL = "io.berth.restart-unhealthy";

    /** Ends a container and has it started again. */
    @FunctionalInterface
    interface Renewal {
        void renew(Container container) throws InterruptedException;
    }

    private final Containers containers;
    private final HealthLog log;
    private final ContainerEvents events;
    private final boolean restartUnhealthy;
    private final Executor threads;
    private final Clock clock;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
            body -> Thread.ofPlatform().daemon().name("health").unstarted(body));
    private volatile Optional<HealthProbe> probe = Optional.empty();
    private volatile Optional<Renewal> renewal = Optional.empty();

    /** @param restartUnhealthy whether containers without the label are started again when they become unhealthy */
    HealthChecks(Containers containers, HealthLog log, ContainerEvents events, boolean restartUnhealthy, Executor threads, Clock clock) {
        this.containers = containers;
        this.log = log;
        this.events = events;
        this.restartUnhealthy = restartUnhealthy;
        this.threads = threads;
        this.clock = clock;
    }

    /** @throws ApiException invalid, when the label says neither true nor false */
    static void checkLabel(Map<String, String> labels) {
        String value = labels.getOrDefault(RESTART_LABEL, "true");
        if (!value.equals("true") && !value.equals("false")) {
            throw ApiException.invalid("invalid value \"" + value + "\" of the label " + RESTART_LABEL + ": neither true nor false");
        }
    }

    /** From now on there are probes; also of what runs already, whose health is what it was last. */
    void begin(HealthProbe how, Renewal restart) {
        probe = Optional.of(how);
        renewal = Optional.of(restart);
        containers.list().forEach(container -> container.state().currentRun().ifPresent(run -> watch(container, run)));
    }

    /** A run has begun. */
    void started(Container container) {
        if (container.spec().health().isPresent()) {
            container.health(Optional.of(container.health().orElse(Health.UNKNOWN).startedAgain()));
            container.state().currentRun().ifPresent(run -> watch(container, run));
        }
    }

    private void watch(Container container, ContainerState.Running run) {
        container.spec().health().ifPresent(check -> {
            Health health = container.health().orElse(Health.UNKNOWN);
            container.health(Optional.of(health));
            later(container, run, check.pause(health, run.startedAt(), clock.instant()));
        });
    }

    private void later(Container container, ContainerState.Running run, Duration pause) {
        try {
            timer.schedule(() -> due(container, run), pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("container {} is probed by the next daemon", container.id().shortForm());
        }
    }

    private void due(Container container, ContainerState.Running run) {
        ContainerState state = container.state();
        if (isStill(run, state)) {
            if (state instanceof ContainerState.Paused) {
                watch(container, run);
            } else {
                threads.execute(() -> probe(container, run));
            }
        }
    }

    private static boolean isStill(ContainerState.Running run, ContainerState state) {
        return state.isRunning() && state.generation() == run.generation();
    }

    private void probe(Container container, ContainerState.Running run) {
        HealthCheck check = container.spec().health().orElseThrow();
        Instant start = clock.instant();
        try {
            ExecProcess process = new ExecProcess(check.command(), List.of(), "", "", false, false, false, 0, 0);
            HealthProbe.Outcome outcome = probe.orElseThrow().run(new RunningContainer(container, run.generation()), process, check.timeout());
            if (isStill(run, container.state())) {
                learn(container, run, check, new Health.Probe(start, clock.instant(), outcome.exitCode(), outcome.output()));
            }
        } catch (RuntimeException failure) {
            LOG.warn("the health of container {} could not be probed", container.id().shortForm(), failure);
        } finally {
            if (isStill(run, container.state())) {
                watch(container, run);
            }
        }
    }

    private void learn(Container container, ContainerState.Running run, HealthCheck check, Health.Probe result) {
        Health before = container.health().orElse(Health.UNKNOWN);
        Health after = check.after(before, result, run.startedAt());
        log.learn(container, run.generation(), after);
        if (after.status() == before.status()) {
            return;
        }
        containers.changed(container);
        events.publish(container, "health_status: " + after.status().word(), Map.of());
        if (after.status() == Health.Status.UNHEALTHY && isToBeRestarted(container)) {
            restart(container);
        }
    }

    private boolean isToBeRestarted(Container container) {
        String label = container.definition().config().labels.get(RESTART_LABEL);
        return label == null ? restartUnhealthy : Boolean.parseBoolean(label);
    }

    private void restart(Container container) {
        LOG.info("container {} is unhealthy and is started again", container.id().shortForm());
        try {
            renewal.orElseThrow().renew(container);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        log.close();
    }
}
