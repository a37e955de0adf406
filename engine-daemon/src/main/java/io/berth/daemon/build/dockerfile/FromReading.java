package io.berth.daemon.build.dockerfile;

import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A FROM with the values of the global arguments.
 *
 * @param name of an image, a stage or a context
 */
record FromReading(String name, Optional<Platform> platform) {

    /** @throws DockerfileException when name or platform come to nothing */
    static FromReading of(Dockerfile file, Stage stage, GlobalArguments arguments, Checks checks) {
        checks.above(stage.from().origin().comments());
        Expansion expansion = new Expansion(file.directives().escape());
        try {
            String written = stage.from().base();
            Expansion.Expanded name = expansion.expand(written, arguments);
            undeclared(name, arguments, stage, checks);
            if (name.text().isEmpty()) {
                throw new DockerfileException("base name (" + written + ") should not be blank", List.of());
            }
            return new FromReading(name.text(), platform(stage, expansion, arguments, checks));
        } catch (DockerfileException refused) {
            throw refused.orAt(stage.lines());
        } finally {
            checks.wholeFile();
        }
    }

    private static Optional<Platform> platform(Stage stage, Expansion expansion, GlobalArguments arguments, Checks checks) {
        String written = stage.from().platform();
        if (written.isEmpty()) {
            return Optional.empty();
        }
        Expansion.Expanded platform;
        try {
            platform = expansion.expand(written, arguments);
        } catch (DockerfileException refused) {
            throw refused.prefixed("failed to process arguments for platform : ");
        }
        undeclared(platform, arguments, stage, checks);
        redundant(platform, written, arguments, stage, checks);
        if (platform.text().isEmpty()) {
            throw new DockerfileException("empty platform value from expression " + written + hint(platform.unknown(), arguments), List.of());
        }
        try {
            Platform parsed = Platform.parse(platform.text());
            constant(platform, parsed, stage, checks);
            return Optional.of(parsed);
        } catch (StoreException refused) {
            throw new DockerfileException("failed to parse platform " + written + ": " + refused.getMessage() + hint(platform.unknown(), arguments),
                    List.of());
        }
    }

    private static String hint(Set<String> unknown, GlobalArguments arguments) {
        return Suggestion.hint(unknown.stream().flatMap(name -> Suggestion.of(name, arguments.names()).stream()).findFirst());
    }

    private static void undeclared(Expansion.Expanded expanded, GlobalArguments arguments, Stage stage, Checks checks) {
        for (String name : expanded.unknown()) {
            if (!arguments.declares(name)) {
                checks.report(Check.UNDEFINED_ARG_IN_FROM, stage.lines(), "FROM argument '" + name + "' is not declared"
                        + Suggestion.hint(Suggestion.of(name, arguments.all())));
            }
        }
    }

    private static void redundant(Expansion.Expanded platform, String written, GlobalArguments arguments, Stage stage, Checks checks) {
        boolean alone = platform.known().equals(Set.of("TARGETPLATFORM")) && platform.unknown().isEmpty();
        if (alone && arguments.value("TARGETPLATFORM").filter(platform.text()::equals).isPresent()) {
            checks.report(Check.REDUNDANT_TARGET_PLATFORM, stage.lines(),
                    "Setting platform to predefined " + written + " in FROM is redundant as this is the default behavior");
        }
    }

    /** A stage whose name says that it is for one platform may say so in its FROM. */
    private static void constant(Expansion.Expanded platform, Platform parsed, Stage stage, Checks checks) {
        String name = stage.name().orElse("");
        if (platform.known().isEmpty() && platform.unknown().isEmpty() && !name.contains(parsed.os()) && !name.contains(parsed.architecture())) {
            checks.report(Check.FROM_PLATFORM_FLAG_CONST_DISALLOWED, stage.lines(),
                    "FROM --platform flag should not use constant value " + Quoted.of(platform.text()));
        }
    }

    /** Whether every FROM names something when nobody gives an argument. */
    static void checkDefaults(Dockerfile file, Map<String, String> predefined, Checks checks) {
        Expansion expansion = new Expansion(file.directives().escape());
        try {
            GlobalArguments defaults = GlobalArguments.of(file, predefined, Map.of());
            for (Stage stage : file.stages()) {
                if (!isName(expansion.text(stage.from().base(), defaults))) {
                    checks.report(Check.INVALID_DEFAULT_ARG_IN_FROM, stage.lines(),
                            "Default value for ARG " + stage.from().base() + " results in empty or invalid base image name");
                }
            }
        } catch (DockerfileException sameAgain) {
            // whoever uses the values is told
        }
    }

    private static boolean isName(String text) {
        try {
            ImageReference.parse(text);
            return true;
        } catch (StoreException malformed) {
            return false;
        }
    }
}
