package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Instructions without a stage around them, of those that change nothing but how an image's containers run: {@code --change}. */
public final class ChangeLines {

    private static final Set<String> ALLOWED = Set.of("CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL", "USER",
            "VOLUME", "WORKDIR");

    private ChangeLines() {
    }

    /**
     * @param lines together the text of a Dockerfile without FROM
     * @throws DockerfileException when there is no instruction, or one that is malformed or has no place here
     */
    public static List<Instruction> parse(List<String> lines) {
        StatementReader reader = new StatementReader(new DockerfileSource("--change", String.join("\n", lines)));
        List<Statement> statements = new ArrayList<>();
        for (Optional<Statement> next = reader.next(); next.isPresent(); next = reader.next()) {
            statements.add(next.get());
        }
        for (Statement statement : statements) {
            if (!ALLOWED.contains(statement.name())) {
                throw DockerfileException.at(statement.lines(), statement.keyword() + " is not a valid change command");
            }
        }
        return statements.stream().map(InstructionParser::parse).toList();
    }

    /**
     * Where they are gone through: with the variables of an image, and none that a build would add.
     *
     * @param image what it has
     */
    public static StageScope scope(BaseImage image) {
        Checks unchecked = new Checks(CheckRules.USUAL);
        StageGraph graph = StageGraph.of(Dockerfile.parse(new DockerfileSource("--change", "FROM scratch\n"), unchecked), BuildInputs.none(), unchecked);
        return StageScope.bare(image, graph, graph.target(), unchecked, Optional.empty());
    }
}
