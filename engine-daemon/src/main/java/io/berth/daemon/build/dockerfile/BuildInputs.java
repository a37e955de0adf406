package io.berth.daemon.build.dockerfile;

import io.berth.store.image.Platform;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a build is asked for besides its Dockerfile.
 *
 * @param arguments {@code --build-arg}; one without a value is not among them
 * @param target the platform that is built for
 * @param builder the platform that is built on
 * @param stage the stage to build; the last one when nothing is said
 * @param contexts what {@code --build-context} names
 */
public record BuildInputs(Map<String, String> arguments, Platform target, Platform builder, Optional<String> stage, NamedContexts contexts) {

    private static final List<String> PROXIES = List.of("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy");

    /** Contexts besides the main one. A name that is one of them is no image and no stage. */
    public interface NamedContexts {

        NamedContexts NONE = name -> false;

        /** @param name as a Dockerfile has it: of a stage, or of an image, perhaps without its tag */
        boolean has(String name);
    }

    public BuildInputs {
        arguments = Map.copyOf(arguments);
    }

    /** For this machine, with nothing more said. */
    public static BuildInputs none() {
        return new BuildInputs(Map.of(), Platform.here(), Platform.here(), Optional.empty(), NamedContexts.NONE);
    }

    /** The proxies among the arguments, in both cases: every RUN has them, though no ARG declares them, and no cache depends on them. */
    public Map<String, String> proxies() {
        Map<String, String> proxies = new LinkedHashMap<>();
        for (String name : PROXIES) {
            arguments.entrySet().stream().filter(argument -> argument.getKey().equalsIgnoreCase(name)).max(Map.Entry.comparingByKey())
                    .ifPresent(argument -> {
                        proxies.put(name, argument.getValue());
                        proxies.put(name.toUpperCase(Locale.ROOT), argument.getValue());
                    });
        }
        return proxies;
    }

    /** What FROM may use though no ARG declares it. */
    Map<String, String> predefined(String stageName) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("BUILDPLATFORM", builder.toString());
        values.put("BUILDOS", builder.os());
        values.put("BUILDOSVERSION", "");
        values.put("BUILDARCH", builder.architecture());
        values.put("BUILDVARIANT", builder.variant());
        values.put("TARGETPLATFORM", target.toString());
        values.put("TARGETOS", target.os());
        values.put("TARGETOSVERSION", "");
        values.put("TARGETARCH", target.architecture());
        values.put("TARGETVARIANT", target.variant());
        values.put("TARGETSTAGE", stageName.isEmpty() ? "default" : stageName);
        values.replaceAll((name, value) -> arguments.getOrDefault(name, value));
        return values;
    }
}
