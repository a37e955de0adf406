package io.berth.daemon.build.dockerfile;

import io.berth.store.image.Platform;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code docker build --check}: reads a Dockerfile and goes through its stages without building anything. */
public final class DockerfileLint {

    private DockerfileLint() {
    }

    /**
     * @param warnings in the order of the file
     * @param error what would end a build
     */
    public record Report(DockerfileSource source, List<Checks.Warning> warnings, Optional<DockerfileException> error) {

        /** As the CLI prints it. */
        public String text() {
            StringBuilder text = new StringBuilder();
            warnings.forEach(warning -> text.append('\n').append(warning.text(source)));
            error.ifPresent(failed -> text.append('\n').append(failed.getMessage()).append('\n').append(failed.excerpt()));
            return text.toString();
        }
    }

    /** Tells what an image or a context has; {@link BaseImage#EMPTY} where that is not known. */
    public interface BaseImages {
        BaseImage of(StageSource source, Optional<Platform> platform);
    }

    /**
     * Goes through the asked stage and those that it needs; through all when none is asked for.
     *
     * @param ignored {@code .dockerignore} of the context, if there is one
     */
    public static Report of(DockerfileSource source, BuildInputs inputs, BaseImages images, Optional<IgnoreFile> ignored) {
        Checks checks = new Checks(CheckRules.USUAL);
        Optional<DockerfileException> error = Optional.empty();
        try {
            StageGraph graph = StageGraph.of(Dockerfile.parse(source, checks), inputs, checks);
            Map<Integer, StageScope> scopes = new HashMap<>();
            for (PlannedStage stage : inputs.stage().isPresent() ? graph.needed() : graph.stages()) {
                scopes.put(stage.index(), through(stage, graph, scopes, images, checks, ignored));
            }
            error = checks.failure();
        } catch (DockerfileException refused) {
            error = Optional.of(refused);
        }
        return new Report(source, checks.warnings(), error);
    }

    private static StageScope through(PlannedStage stage, StageGraph graph, Map<Integer, StageScope> scopes, BaseImages images, Checks checks,
            Optional<IgnoreFile> ignored) {
        StageScope scope;
        if (stage.base() instanceof StageSource.OfStage(int below)) {
            scope = StageScope.on(scopes.get(below), stage, checks, ignored);
        } else {
            BaseImage image = images.of(stage.base(), stage.platform());
            scope = StageScope.on(image, graph, stage, checks, ignored);
            image.triggers().forEach(trigger -> scope.expand(Dockerfile.trigger(trigger, stage.stage().lines())));
        }
        stage.instructions().forEach(scope::expand);
        checks.wholeFile();
        return scope;
    }
}
