package io.berth.daemon.build.dockerfile;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The checks of what is written, which need no value of any variable. */
final class WrittenChecks {

    private static final Set<String> RESERVED = Set.of("context", "scratch");

    private WrittenChecks() {
    }

    /** Of a statement that may yet turn out to be wrong. */
    static void before(Statement statement, Checks checks) {
        if (statement.name().equals("MAINTAINER")) {
            checks.report(Check.MAINTAINER_DEPRECATED, statement.lines(), "Maintainer instruction is deprecated in favor of using label");
        }
        List<String> values = statement.arguments().values();
        if (!statement.name().equals("FROM") || values.size() < 3) {
            return;
        }
        String name = values.get(2);
        if (values.size() == 3 && !name.equals(lower(name))) {
            checks.report(Check.STAGE_NAME_CASING, statement.lines(), "Stage name '" + name + "' should be lowercase");
        }
        String from = statement.keyword();
        String as = values.get(1);
        boolean matches = from.equals(lower(from)) ? as.equals(lower(as)) : !from.equals(upper(from)) || as.equals(upper(as));
        if (!matches) {
            checks.report(Check.FROM_AS_CASING, statement.lines(), "'" + as + "' and '" + from + "' keywords' casing do not match");
        }
    }

    static void after(Instruction instruction, Checks checks) {
        switch (instruction) {
            case Instruction.From from -> from.stageName().ifPresent(name -> described("FROM", List.of(name), from.origin(), checks));
            case Instruction.Arg arg ->
                described("ARG", arg.arguments().stream().map(Instruction.Argument::name).toList(), arg.origin(), checks);
            default -> { }
        }
    }

    private static void described(String keyword, List<String> names, Instruction.Origin origin, Checks checks) {
        if (origin.comments().isEmpty() || names.contains(origin.comments().getLast().split(" ", 2)[0])) {
            return;
        }
        String example = names.size() == 1 ? names.getFirst() : "<arg_key>";
        checks.report(Check.INVALID_DEFINITION_DESCRIPTION, origin.lines(),
                "Comment for " + keyword + " should follow the format: `# " + example + " <description>`");
    }

    static void ofFile(List<Stage> stages, Checks checks) {
        names(stages, checks);
        casing(stages, checks);
    }

    private static void names(List<Stage> stages, Checks checks) {
        Set<String> seen = new HashSet<>();
        for (Stage stage : stages) {
            stage.name().ifPresent(name -> {
                if (RESERVED.contains(name)) {
                    checks.report(Check.RESERVED_STAGE_NAME, stage.lines(),
                            "Stage name should not use the same name as reserved stage " + Quoted.of(name));
                }
                if (!seen.add(name)) {
                    checks.report(Check.DUPLICATE_STAGE_NAME, stage.lines(),
                            "Duplicate stage name " + Quoted.of(name) + ", stage names should be unique");
                }
            });
        }
    }

    private static void casing(List<Stage> stages, Checks checks) {
        List<Instruction.Origin> all = stages.stream()
                .flatMap(stage -> Stream.concat(Stream.of(stage.from()), stage.instructions().stream())).map(Instruction::origin).toList();
        long lower = all.stream().filter(origin -> origin.keyword().equals(lower(origin.keyword()))).count();
        long upper = all.stream().filter(origin -> origin.keyword().equals(upper(origin.keyword()))).count();
        boolean mostlyLower = lower > upper;
        for (Instruction.Origin origin : all) {
            String keyword = origin.keyword();
            if (!keyword.equals(mostlyLower ? lower(keyword) : upper(keyword))) {
                checks.report(Check.CONSISTENT_INSTRUCTION_CASING, origin.lines(), "Command '" + keyword
                        + "' should match the case of the command majority (" + (mostlyLower ? "lowercase" : "uppercase") + ")");
            }
        }
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
