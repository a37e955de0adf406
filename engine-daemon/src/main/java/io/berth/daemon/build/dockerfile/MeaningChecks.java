package io.berth.daemon.build.dockerfile;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The checks of what instructions of one stage mean. */
final class MeaningChecks {

    private static final Pattern SECRET = Pattern.compile("(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern NO_SECRET = Pattern.compile("(?:_|^)(?:public|file|version)(?:_|$)", Pattern.CASE_INSENSITIVE);

    private final Checks checks;
    private final Optional<IgnoreFile> ignored;
    private final Map<Class<?>, Instruction.Origin> last = new HashMap<>();
    private LineRange lines = LineRange.of(1);

    MeaningChecks(Checks checks, Optional<IgnoreFile> ignored) {
        this.checks = checks;
        this.ignored = ignored;
    }

    void begin(Instruction.Origin origin) {
        lines = origin.lines();
        checks.above(origin.comments());
    }

    void report(Check check, String message) {
        checks.report(check, lines, message);
    }

    List<Instruction.Pair> pairs(Instruction.Origin origin, List<Instruction.Pair> pairs) {
        String keyword = origin.keyword();
        pairs.stream().filter(Instruction.Pair::legacy).forEach(pair -> report(Check.LEGACY_KEY_VALUE_FORMAT,
                "\"" + keyword + " key=value\" should be used instead of legacy \"" + keyword + " key value\" format"));
        return pairs;
    }

    void secret(String keyword, String name) {
        if (SECRET.matcher(name).find() && !NO_SECRET.matcher(name).find()) {
            report(Check.SECRETS_USED_IN_ARG_OR_ENV,
                    "Do not use ARG or ENV instructions for sensitive data (" + keyword + " " + Quoted.of(name) + ")");
        }
    }

    void undefined(Set<String> names, Collection<String> known) {
        for (String name : names) {
            String hint = Suggestion.of(name, known).map(meant -> " (did you mean $" + meant + "?)").orElse("");
            report(Check.UNDEFINED_VAR, "Usage of undefined variable '$" + name + "'" + hint);
        }
    }

    /** @param shell whether somebody chose the shell, who then wants it */
    Instruction command(Instruction instruction, CommandLine command, boolean shell) {
        once(instruction);
        if (command.shell() && !shell) {
            report(Check.JSON_ARGS_RECOMMENDED, "JSON arguments recommended for " + instruction.origin().keyword()
                    + " to prevent unintended behavior related to OS signals");
        }
        return instruction;
    }

    /** Of two the first is told of, as it is the one without effect. */
    Instruction once(Instruction instruction) {
        Instruction.Origin before = last.put(instruction.getClass(), instruction.origin());
        if (before != null) {
            checks.report(Check.MULTIPLE_INSTRUCTIONS_DISALLOWED, before.lines(), "Multiple " + instruction.origin().keyword()
                    + " instructions should not be used in the same stage because only the last one will be used");
        }
        return instruction;
    }

    /** Nothing is said of a context with exceptions: what is below a directory may be there. */
    void ignored(String verb, String source) {
        String path = Paths.clean(source);
        boolean root = path.equals(".") || path.equals("/");
        boolean left = ignored.filter(file -> !file.isEmpty() && !file.hasExceptions())
                .filter(file -> root ? file.leavesNothing() && file.matches(path) : file.matches(path)).isPresent();
        if (left) {
            report(Check.COPY_IGNORED_FILE, "Attempting to " + verb + " file " + Quoted.of(path) + " that is excluded by .dockerignore");
        }
    }
}
