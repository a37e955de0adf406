package io.berth.daemon.conformance;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A way in which Berth answers otherwise than dockerd on purpose.
 *
 * @param recordings in which it shows, as a pattern
 * @param requests of those, as a pattern
 * @param where as in {@link Difference}, as a pattern
 * @param reason for those who wonder
 */
public record AllowedDifference(Pattern recordings, Pattern requests, Pattern where, String reason) {

    public static final List<AllowedDifference> ALL = List.of(
            of(".*", "header builder-version", "2 tells the CLI to build with BuildKit, which comes with an issue of its own"),
            of("info", "\\$\\.CDISpecDirs", "devices by CDI are not built"),
            of("info", "\\$\\.Containerd", "there is no containerd"),
            of("info", "\\$\\.KernelMemoryTCP", "the reference offers it on cgroup v1 alone, and the option is deprecated"),
            of("info", "\\$\\.Runtimes\\.\\*\\.status", "the features of an OCI runtime; ours is none"),
            of("exec", "POST /v1.50/exec/\\{EXEC}/start", "header (api-version|docker-experimental|ostype|server)",
                    "of a 101, where no client looks for them; that of an attach has none in the reference either"),
            of("df", "\\$\\.Images\\[]\\.RepoDigests", "null in this one answer of the reference, an empty list in all others"));

    private static AllowedDifference of(String recordings, String where, String reason) {
        return of(recordings, ".*", where, reason);
    }

    private static AllowedDifference of(String recordings, String requests, String where, String reason) {
        return new AllowedDifference(Pattern.compile(recordings), Pattern.compile(requests), Pattern.compile(where), reason);
    }

    public boolean covers(Difference difference) {
        return recordings.matcher(difference.recording()).matches() && requests.matcher(difference.request()).matches()
                && where.matcher(difference.where()).matches();
    }
}
