package io.berth.daemon.build.dockerfile;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A Dockerfile as it was understood, one line an instruction: what the files of the corpus are compared with. */
final class Listing {

    private final StringBuilder text = new StringBuilder();

    private Listing() {
    }

    static String of(DockerfileSource source, BuildInputs inputs, BaseImage image) {
        Checks checks = new Checks(CheckRules.USUAL);
        Dockerfile file = Dockerfile.parse(source, checks);
        Listing listing = new Listing();
        file.directives().syntax().ifPresent(syntax -> listing.line("syntax " + syntax));
        StageGraph graph = StageGraph.of(file, inputs, checks);
        Map<Integer, StageScope> scopes = new HashMap<>();
        for (PlannedStage stage : graph.stages()) {
            listing.stage(stage, graph.needed().contains(stage));
            StageScope scope = stage.base() instanceof StageSource.OfStage(int below) ? StageScope.on(scopes.get(below), stage, checks, Optional.empty())
                    : StageScope.on(image, graph, stage, checks, Optional.empty());
            scopes.put(stage.index(), scope);
            for (Instruction instruction : stage.instructions()) {
                Instruction expanded = scope.expand(instruction);
                listing.instruction(expanded);
                if (expanded instanceof Instruction.Run run) {
                    scope.mounts(run).forEach(mount -> listing.line("    mount " + plain(mount)));
                }
            }
        }
        return listing.text.toString();
    }

    private void stage(PlannedStage stage, boolean needed) {
        line((needed ? "stage " : "unneeded ") + stage.stage().displayName() + " on " + plain(stage.base())
                + stage.platform().map(platform -> " for " + platform).orElse("")
                + (stage.uses().isEmpty() ? "" : " using " + stage.uses().keySet())
                + stage.stage().description().map(said -> " (" + said + ")").orElse(""));
    }

    private void instruction(Instruction instruction) {
        LineRange lines = instruction.origin().lines();
        String where = lines.first() == lines.last() ? "" + lines.first() : lines.first() + "-" + lines.last();
        line("  " + where + " " + plain(instruction).replaceFirst("origin=Origin\\[.*?comments=\\[[^]]*]](, )?", ""));
    }

    /** A record's own text, without the words that are in every one. */
    private static String plain(Object record) {
        return record.toString().replace("Optional.empty", "-").replaceAll("Optional(?:Int|Long)?\\[([^\\[\\]]*)]", "$1").replace("OptionalInt.empty", "-")
                .replace("OptionalLong.empty", "-").replace("\n", "\\n").replace("\t", "\\t");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
