package io.berth.daemon.build.dockerfile;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which checks are made: {@code # check=skip=A,B;error=true;experimental=all}, of the file or of the comment above an instruction.
 *
 * @param skipped names of rules; {@code all} for all
 * @param experimental names of rules that are still tried out; {@code all} for all
 * @param error whether a warning fails the build
 */
public record CheckRules(Set<String> skipped, Set<String> experimental, boolean error) {

    private static final String ALL = "all";
    private static final int PARTS = 3;

    public static final CheckRules USUAL = new CheckRules(Set.of(), Set.of(), false);

    /** @throws DockerfileException when there is another option, or no value where one must be */
    public static CheckRules parse(String text) {
        CheckRules rules = USUAL;
        if (text.isBlank()) {
            return rules;
        }
        for (String part : text.strip().split(";", PARTS)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw failure("invalid check option " + Quoted.of(part));
            }
            String value = part.substring(equals + 1).strip();
            String option = part.substring(0, equals).strip();
            rules = switch (option) {
                case "skip" -> new CheckRules(names(value), rules.experimental, rules.error);
                case "experimental" -> new CheckRules(rules.skipped, names(value), rules.error);
                case "error" -> new CheckRules(rules.skipped, rules.experimental, FlagValues.truth(value).orElseThrow(
                        () -> failure("failed to parse check option " + Quoted.of(part) + ": strconv.ParseBool: parsing " + Quoted.of(value)
                                + ": invalid syntax")));
                default -> throw failure("invalid check option " + Quoted.of(option));
            };
        }
        return rules;
    }

    private static Set<String> names(String value) {
        Set<String> names = new HashSet<>();
        for (String name : value.split(",", -1)) {
            names.add(name.strip());
        }
        return names;
    }

    boolean make(Check check) {
        Set<String> named = check.isExperimental() ? experimental : skipped;
        boolean listed = named.contains(ALL) && named.size() == 1 || named.contains(check.ruleName());
        return check.isExperimental() == listed;
    }

    /** With what is said above one instruction; what is wrong there is not looked at. */
    CheckRules above(List<String> comments) {
        for (String comment : comments) {
            var directive = ParserDirectives.Directive.of(comment).filter(found -> found.name() == ParserDirectives.Name.CHECK);
            if (directive.isEmpty()) {
                continue;
            }
            try {
                CheckRules own = parse(directive.get().value().split(" ", 2)[0]);
                return new CheckRules(both(skipped, own.skipped), both(experimental, own.experimental), error);
            } catch (DockerfileException notMeant) {
                return this;
            }
        }
        return this;
    }

    private static Set<String> both(Set<String> one, Set<String> other) {
        if (one.contains(ALL) || other.contains(ALL)) {
            return Set.of(ALL);
        }
        Set<String> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }
}
