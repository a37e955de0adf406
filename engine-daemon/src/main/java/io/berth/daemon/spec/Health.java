package io.berth.daemon.spec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the probes have found out about a container, as it was at one moment.
 *
 * @param failingStreak failures since the last success
 * @param log the latest probes, the oldest first
 */
public record Health(Status status, int failingStreak, List<Probe> log) {

    /** As the reference engine. */
    public static final int KEPT = 5;
    public static final Health UNKNOWN = new Health(Status.STARTING, 0, List.of());

    /** The words of the API, in capitals. */
    public enum Status {
        STARTING, HEALTHY, UNHEALTHY;

    public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One probe.
     *
     * @param exitCode of its process, -1 when there was none or it was killed for taking too long
     * @param output the beginning of what it wrote
     */
    public record Probe(Instant start, Instant end, int exitCode, String output) {
    }

    /** The same with the probes that an earlier daemon has seen. */
    public Health with(List<Probe> probes) {
        return new Health(status, failingStreak, List.copyOf(probes.subList(Math.max(0, probes.size() - KEPT), probes.size())));
    }

    /** At the start of another run. */
    public Health startedAgain() {
        return new Health(Status.STARTING, 0, log);
    }

    /** At the end of a run: the reference engine calls what it probes no more unhealthy, and tells nobody. */
    public Health ended() {
        return new Health(Status.UNHEALTHY, failingStreak, log);
    }

    public Health with(Status now, int streak, Probe probe) {
        List<Probe> probes = new ArrayList<>(log.subList(Math.max(0, log.size() + 1 - KEPT), log.size()));
        probes.add(probe);
        return new Health(now, streak, List.copyOf(probes));
    }
}
