package io.berth.daemon.spec;

import io.berth.api.wire.container.ContainerConfig;
import io.berth.store.image.ImageConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an image says about how it runs, where the client has said nothing. */
public final class ImageDefaults {

    private ImageDefaults() {
    }

    /** A configuration of its own; {@code asked} stays as it is. */
    public static ContainerConfig merge(ContainerConfig asked, ImageConfig image) {
        ImageConfig.Process defaults = image.process();
        ContainerConfig merged = copy(asked);
        if (merged.user.isEmpty()) {
            merged.user = defaults.user();
        }
        if (merged.workingDir.isEmpty()) {
            merged.workingDir = defaults.workingDirectory();
        }
        if (merged.stopSignal.isEmpty()) {
            merged.stopSignal = defaults.stopSignal();
        }
        merged.exposedPorts = union(defaults.exposedPorts(), asked.exposedPorts);
        merged.volumes = union(defaults.volumes(), asked.volumes);
        merged.env = environment(defaults.environment(), asked.env);
        Map<String, String> labels = new TreeMap<>(defaults.labels());
        labels.putAll(asked.labels);
        merged.labels = labels;
        merged.healthcheck = HealthCheck.merge(asked.healthcheck, defaults.healthCheck().map(ImageDefaults::wire).orElse(null));
        command(merged, asked, defaults);
        return merged;
    }

    private static ContainerConfig.Healthcheck wire(ImageConfig.HealthCheck check) {
        return new ContainerConfig.Healthcheck(check.test(), check.interval().toNanos(), check.timeout().toNanos(),
                check.startPeriod().toNanos(), check.startInterval().toNanos(), check.retries());
    }

    /**
     * An entrypoint of the client's own makes the image's command meaningless. A single empty text means no entrypoint and no
     * command of the image; an empty list means no entrypoint, but its command.
     */
    private static void command(ContainerConfig merged, ContainerConfig asked, ImageConfig.Process defaults) {
        if (asked.entrypoint == null) {
            merged.entrypoint = defaults.entrypoint().isEmpty() ? null : defaults.entrypoint();
        } else {
            merged.entrypoint = asked.entrypoint.equals(List.of("")) ? null : asked.entrypoint;
        }
        boolean ownEntrypoint = asked.entrypoint != null && !asked.entrypoint.isEmpty();
        if (!ownEntrypoint && (asked.cmd == null || asked.cmd.isEmpty())) {
            merged.cmd = defaults.command().isEmpty() ? null : defaults.command();
        }
    }

    /** The image's variables in their place, with the client's values; then the client's others. */
    private static List<String> environment(List<String> image, List<String> asked) {
        List<String> merged = new ArrayList<>(asked);
        for (String variable : image) {
            String name = name(variable);
            if (asked.stream().noneMatch(given -> name(given).equals(name))) {
                merged.add(variable);
            }
        }
        return List.copyOf(merged);
    }

    private static String name(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
    }

    private static Map<String, Map<String, Object>> union(Iterable<String> image, Map<String, Map<String, Object>> asked) {
        Map<String, Map<String, Object>> union = new LinkedHashMap<>();
        image.forEach(key -> union.put(key, Map.of()));
        union.putAll(asked);
        return union;
    }

    private static ContainerConfig copy(ContainerConfig from) {
        ContainerConfig copy = new ContainerConfig();
        copy.hostname = from.hostname;
        copy.domainname = from.domainname;
        copy.user = from.user;
        copy.attachStdin = from.attachStdin;
        copy.attachStdout = from.attachStdout;
        copy.attachStderr = from.attachStderr;
        copy.tty = from.tty;
        copy.openStdin = from.openStdin;
        copy.stdinOnce = from.stdinOnce;
        copy.cmd = from.cmd;
        copy.argsEscaped = from.argsEscaped;
        copy.image = from.image;
        copy.workingDir = from.workingDir;
        copy.networkDisabled = from.networkDisabled;
        copy.macAddress = from.macAddress;
        copy.onBuild = from.onBuild;
        copy.stopSignal = from.stopSignal;
        copy.stopTimeout = from.stopTimeout;
        copy.shell = from.shell;
        return copy;
    }
}
