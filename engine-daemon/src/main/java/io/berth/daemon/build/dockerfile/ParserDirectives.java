package io.berth.daemon.build.dockerfile;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the comments at the very beginning of a file say of how it is to be read: {@code # syntax=…}, {@code # escape=…}, {@code # check=…}. The
 * first line that is none of them ends them.
 *
 * @param escape backslash or backtick
 * @param syntax an image that would read the file; {@code docker/dockerfile} in all its versions is what is built in here
 * @param check the rules of the build checks, as {@link CheckRules} reads them
 * @param lines how many lines of the file they are
 */
public record ParserDirectives(char escape, Optional<String> syntax, Optional<String> check, int lines) {

    private static final Pattern DIRECTIVE = Pattern.compile("([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+?)\\s*");

    /** The names there are. */
    enum Name { SYNTAX, ESCAPE, CHECK }

    /** One of them. */
    record Directive(Name name, String value) {

        /** What a comment says, without its hash; nothing when it is but a comment. */
        static Optional<Directive> of(String comment) {
            Matcher parts = DIRECTIVE.matcher(comment.stripLeading());
            if (!parts.matches()) {
                return Optional.empty();
            }
            String word = parts.group(1).toUpperCase(Locale.ROOT);
            return List.of(Name.values()).stream().filter(name -> name.name().equals(word)).findFirst()
                    .map(name -> new Directive(name, parts.group(2)));
        }
    }

    /** @throws DockerfileException when one is there twice, or the escape is neither of both */
    static ParserDirectives of(List<String> lines) {
        Map<Name, String> values = new EnumMap<>(Name.class);
        boolean script = !lines.isEmpty() && lines.getFirst().startsWith("#!"); // a file that is its own program
        int at = script ? 1 : 0;
        int ends = 0;
        for (; at < lines.size() && lines.get(at).stripLeading().startsWith("#"); at++) {
            Optional<Directive> directive = Directive.of(lines.get(at).stripLeading().substring(1));
            if (directive.isEmpty()) {
                break;
            }
            Name name = directive.get().name;
            if (values.putIfAbsent(name, directive.get().value) != null) {
                throw DockerfileException.at(LineRange.of(at + 1), "only one " + name.name().toLowerCase(Locale.ROOT) + " parser directive can be used");
            }
            if (name == Name.ESCAPE && !List.of("\\", "`").contains(values.get(name))) {
                throw DockerfileException.at(LineRange.of(at + 1), "invalid escape token '" + values.get(name) + "' does not match ` or \\");
            }
            ends = at + 1;
        }
        return new ParserDirectives(values.getOrDefault(Name.ESCAPE, "\\").charAt(0),
                Optional.ofNullable(values.get(Name.SYNTAX)).map(ParserDirectives::firstWord), Optional.ofNullable(values.get(Name.CHECK)).map(ParserDirectives::firstWord), ends);
    }

    private static String firstWord(String value) {
        return value.split(" ", 2)[0];
    }
}
