package io.berth.daemon.build.dockerfile;

import io.berth.store.image.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stage with what it stands on, as one build has it.
 *
 * @param base what FROM names; a context takes the whole place of a stage that has its name
 * @param platform what FROM asks for; else the build's target, or that of the stage below
 * @param instructions the triggers of the stage below, then its own; nothing when a context takes its place
 * @param uses stages that files come from, each with the lines that say so; {@code base} is not among them
 */
public record PlannedStage(Stage stage, StageSource base, Optional<Platform> platform, List<Instruction> instructions,
        Map<Integer, LineRange> uses) {

    public int index() {
        return stage.index();
    }
}
