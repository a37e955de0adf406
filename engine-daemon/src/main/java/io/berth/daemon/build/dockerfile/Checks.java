package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Collects what the checks find, while a Dockerfile is read and gone through. For one build by one thread. */
public final class Checks {

    /** What one check found. */
    public record Warning(Check check, String message, LineRange lines) {

        /** As {@code docker build --check} prints it. */
        public String text(DockerfileSource source) {
            return "WARNING: " + check.ruleName() + " - " + check.url() + "\n" + message + "\n" + source.excerpt(List.of(lines));
        }
    }

    private final List<Warning> warnings = new ArrayList<>();
    private CheckRules file;
    private CheckRules here;

    /** @param rules of who builds; what the file says itself comes instead of {@link CheckRules#USUAL} */
    public Checks(CheckRules rules) {
        this.file = rules;
        this.here = rules;
    }

    void fileSays(CheckRules rules) {
        if (file.equals(CheckRules.USUAL)) {
            file = rules;
            here = rules;
        }
    }

    /** From here on an instruction with such comments above it is meant. */
    void above(List<String> comments) {
        here = file.above(comments);
    }

    /** The file as a whole is meant. */
    void wholeFile() {
        here = file;
    }

    void report(Check check, LineRange lines, String message) {
        if (here.make(check) && warnings.size() < Bounds.WARNINGS) {
            warnings.add(new Warning(check, message, lines));
        }
    }

    /** In the order of the file. */
    public List<Warning> warnings() {
        return warnings.stream().sorted(Comparator.comparingInt(warning -> warning.lines().first())).toList();
    }

    /** Why the build fails, if the rules are that a warning makes it fail. */
    public Optional<DockerfileException> failure() {
        if (!file.error() || warnings.isEmpty()) {
            return Optional.empty();
        }
        String names = warnings.stream().map(warning -> warning.check().ruleName()).distinct().collect(Collectors.joining(", "));
        return Optional.of(new DockerfileException("lint violation found for rules: " + names, List.of()));
    }
}
