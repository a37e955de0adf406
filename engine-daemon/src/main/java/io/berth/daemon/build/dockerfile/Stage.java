package io.berth.daemon.build.dockerfile;

import java.util.List;
import java.util.Optional;

/**
 * A {@code FROM} and what follows it, as it is written.
 *
 * @param index its place in the file, from 0
 */
public record Stage(int index, Instruction.From from, List<Instruction> instructions) {

    /** In lower case. */
    public Optional<String> name() {
        return from.stageName();
    }

    /** As messages and the steps of a build call it. */
    public String displayName() {
        return name().orElse("stage-" + index);
    }

    public LineRange lines() {
        return from.origin().lines();
    }

    /** What the comment above says it is. */
    public Optional<String> description() {
        return name().flatMap(from.origin()::description);
    }
}
