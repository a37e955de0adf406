package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A Dockerfile that has been read: every instruction has its form and its flags, no variable has a value yet.
 *
 * @param globalArguments the ARGs before the first FROM
 * @param stages at least one
 */
public record Dockerfile(DockerfileSource source, ParserDirectives directives, List<Instruction.Arg> globalArguments, List<Stage> stages) {

    /**
     * Reads a file.
     *
     * @param checks told of what is legal but unwise
     * @throws DockerfileException for the first thing that is wrong, with the reference's message
     */
    public static Dockerfile parse(DockerfileSource source, Checks checks) {
        try {
            if (source.text().isEmpty()) {
                throw new DockerfileException("the Dockerfile cannot be empty", List.of());
            }
            return read(source, checks);
        } catch (DockerfileException refused) {
            throw refused.in(source);
        }
    }

    private static Dockerfile read(DockerfileSource source, Checks checks) {
        StatementReader reader = new StatementReader(source);
        reader.directives().check().ifPresent(rules -> checks.fileSays(rulesOf(rules)));
        StatementReader.checkForm(source, checks);
        List<Instruction.Arg> global = new ArrayList<>();
        List<Instruction.From> froms = new ArrayList<>();
        List<List<Instruction>> bodies = new ArrayList<>();
        for (Optional<Statement> next = reader.next(); next.isPresent(); next = reader.next()) {
            Statement statement = next.get();
            Instruction instruction = instruction(statement, checks);
            if (instruction instanceof Instruction.From from) {
                if (froms.size() == Bounds.STAGES) {
                    throw DockerfileException.at(statement.lines(), "build " + source.name() + ": it has more than " + Bounds.STAGES + " stages");
                }
                froms.add(from);
                bodies.add(new ArrayList<>());
            } else if (!froms.isEmpty()) {
                bodies.getLast().add(instruction);
            } else if (instruction instanceof Instruction.Arg arg) {
                global.add(arg);
            } else {
                throw DockerfileException.at(statement.lines(), "no build stage in current context");
            }
        }
        if (froms.isEmpty()) {
            throw new DockerfileException("dockerfile contains no stages to build", List.of());
        }
        List<Stage> stages = IntStream.range(0, froms.size()).mapToObj(i -> new Stage(i, froms.get(i), List.copyOf(bodies.get(i)))).toList();
        WrittenChecks.ofFile(stages, checks);
        return new Dockerfile(source, reader.directives(), List.copyOf(global), stages);
    }

    private static CheckRules rulesOf(String text) {
        try {
            return CheckRules.parse(text);
        } catch (DockerfileException refused) {
            throw refused.prefixed("failed to parse check options: ");
        }
    }

    private static Instruction instruction(Statement statement, Checks checks) {
        checks.above(statement.comments());
        try {
            WrittenChecks.before(statement, checks);
            Instruction instruction = InstructionParser.parse(statement);
            WrittenChecks.after(instruction, checks);
            return instruction;
        } catch (DockerfileException refused) {
            throw refused.prefixed("dockerfile parse error on line " + statement.lines().first() + ": ").orAt(statement.lines());
        } finally {
            checks.wholeFile();
        }
    }

    /**
     * Reads what an ONBUILD of a base image says.
     *
     * @param lines where errors are: those of the FROM
     * @throws DockerfileException when it is not one instruction
     */
    public static Instruction trigger(String text, LineRange lines) {
        try {
            StatementReader reader = new StatementReader(new DockerfileSource("ONBUILD", text));
            Statement statement = reader.next().orElseThrow();
            if (reader.next().isPresent()) {
                throw new DockerfileException("onbuild trigger should be a single expression", List.of());
            }
            Instruction instruction = InstructionParser.parse(statement.at(lines, statement.comments(), statement.heredocs()));
            if (instruction instanceof Instruction.From) {
                throw new DockerfileException("FROM isn't allowed as an ONBUILD trigger", List.of());
            }
            return instruction;
        } catch (DockerfileException refused) {
            throw DockerfileException.at(lines, refused.getMessage());
        }
    }
}
