package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lines of a Dockerfile that are a file of their own: {@code <<EOF} in an instruction, and what follows up to a line {@code EOF}.
 *
 * @param expanded whether variables have their values in it; not when the name was quoted
 * @param chomped {@code <<-}: whether tabs at the beginning of its lines do not belong to it
 * @param content the lines as they are written, tabs included
 */
public record Heredoc(String name, boolean expanded, boolean chomped, String content) {

    private static final Pattern MARK = Pattern.compile("\\d*<<(-?)\\s*([^<]*)");
    private static final Pattern LEADING_TABS = Pattern.compile("(?m)^\t+");
    private static final Expansion BARE = new Expansion('\\', Expansion.Option.UNSET_VARIABLES);
    private static final Expansion QUOTED = new Expansion('\\', Expansion.Option.UNSET_VARIABLES, Expansion.Option.QUOTES);
    private static final Expansion AS_WRITTEN = new Expansion('\\', Expansion.Option.UNSET_VARIABLES, Expansion.Option.QUOTES,
            Expansion.Option.ESCAPES);

    /** What belongs into the file. */
    public String text() {
        return chomped ? LEADING_TABS.matcher(content).replaceAll("") : content;
    }

    /** The heredoc that a word announces, without its content yet. */
    static Optional<Heredoc> announced(String word) {
        Matcher mark = MARK.matcher(word);
        if (!mark.matches() || mark.group(2).isEmpty()) {
            return Optional.empty();
        }
        String name = mark.group(2);
        List<String> words = BARE.expand(name, Variables.none()).words();
        if (words.size() != 1) {
            return Optional.empty();
        }
        List<String> written = QUOTED.expand(name, Variables.none()).words();
        boolean plain = written.size() == 1 && quotes(words.getFirst()) == quotes(written.getFirst());
        return Optional.of(new Heredoc(words.getFirst(), plain, !mark.group(1).isEmpty(), ""));
    }

    /** All that an instruction announces, in their order. */
    static List<Heredoc> announcedBy(String instruction) {
        List<String> words;
        try {
            words = AS_WRITTEN.expand(instruction, Variables.none()).words();
        } catch (DockerfileException unbalanced) {
            return List.of(); // a shell may make sense of it
        }
        List<Heredoc> heredocs = new ArrayList<>();
        words.forEach(word -> announced(word).ifPresent(heredocs::add));
        return heredocs;
    }

    Heredoc with(String lines) {
        return new Heredoc(name, expanded, chomped, lines);
    }

    boolean endsAt(String line) {
        int start = 0;
        while (chomped && start < line.length() && line.charAt(start) == '\t') {
            start++;
        }
        return line.substring(start).equals(name);
    }

    private static long quotes(String word) {
        return word.chars().filter(c -> c == '\'' || c == '"').count();
    }
}
