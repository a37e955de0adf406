package io.berth.daemon.build.dockerfile;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One instruction as it is written, divided into its parts, before anybody asks what they mean.
 *
 * @param keyword as written, in any case
 * @param flags {@code --from=x} and the like at the beginning
 * @param arguments what the form of this instruction makes of the rest
 * @param code the whole, with continued lines joined
 * @param comments the lines of comment right above it, without their hashes
 */
record Statement(String keyword, List<String> flags, Arguments arguments, List<Heredoc> heredocs, String code, LineRange lines,
        List<String> comments) {

    String name() {
        return keyword.toUpperCase(Locale.ROOT);
    }

    /**
     * What stands behind keyword and flags.
     *
     * @param json whether it was written as a JSON list
     * @param triggered of {@code ONBUILD}: what is to be done later
     */
    record Arguments(List<String> values, boolean json, Optional<Statement> triggered) {

        static final Arguments NONE = new Arguments(List.of(), false, Optional.empty());

        static Arguments of(List<String> values) {
            return new Arguments(values, false, Optional.empty());
        }
    }

    /** Whether {@code <<} means something in it. */
    boolean mayHaveHeredocs() {
        Statement doing = arguments.triggered.orElse(this);
        return List.of("ADD", "COPY", "RUN").contains(doing.name()) && !doing.arguments.json;
    }

    Statement at(LineRange range, List<String> above, List<Heredoc> attached) {
        return new Statement(keyword, flags, arguments, attached, code, range, above);
    }
}
