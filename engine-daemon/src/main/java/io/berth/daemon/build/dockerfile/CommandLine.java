package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The command of RUN, CMD, ENTRYPOINT and a health check.
 *
 * @param words of the exec form; of the shell form the whole text, or nothing
 * @param shell whether a shell is to read it
 * @param heredocs the files that belong to the text
 */
public record CommandLine(List<String> words, boolean shell, List<Heredoc> heredocs) {

    static CommandLine of(Statement.Arguments arguments, List<String> words, List<Heredoc> heredocs) {
        boolean shell = !arguments.json();
        return new CommandLine(shell && !words.isEmpty() ? List.of(String.join(" ", words)) : words, shell, heredocs);
    }

    /** Of {@code RUN <<EOF} with {@code #!} at its beginning: the program itself, to be run as a file. */
    public Optional<Heredoc> program() {
        return script().filter(heredoc -> heredoc.text().startsWith("#!"));
    }

    /** The command with the shell that it takes; what is said by heredocs is part of the shell's text. */
    public List<String> with(List<String> shellWords) {
        if (!shell) {
            return words;
        }
        List<String> all = new ArrayList<>(shellWords);
        all.add(text());
        return all;
    }

    private String text() {
        String text = words.isEmpty() ? "" : words.getFirst();
        if (heredocs.isEmpty()) {
            return text;
        }
        Optional<Heredoc> script = script();
        if (script.isPresent()) {
            return script.get().text();
        }
        StringBuilder whole = new StringBuilder(text);
        heredocs.forEach(heredoc -> whole.append('\n').append(heredoc.content()).append(heredoc.name()));
        return whole.toString();
    }

    /** The one heredoc that is the whole command. */
    private Optional<Heredoc> script() {
        return words.size() == 1 && !heredocs.isEmpty() && Heredoc.announced(words.getFirst()).isPresent()
                ? Optional.of(heredocs.getFirst()) : Optional.empty();
    }
}
