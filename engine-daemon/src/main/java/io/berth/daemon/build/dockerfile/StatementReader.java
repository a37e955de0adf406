package io.berth.daemon.build.dockerfile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Goes through the lines of a file once, statement by statement: comments, lines that go on in the next one, heredocs. */
final class StatementReader {

    private final String text;
    private final List<Integer> emptyLines = new ArrayList<>();
    private final ParserDirectives directives;
    private final StatementForms forms;
    private boolean any;
    /** Where the next line begins. */
    private int position;
    /** How many lines were read. */
    private int at;

    /** @throws DockerfileException when its first lines are wrong about how it is to be read */
    StatementReader(DockerfileSource source) {
        this.text = source.text().startsWith("\uFEFF") ? source.text().substring(1) : source.text();
        this.directives = ParserDirectives.of(head());
        this.forms = new StatementForms(directives.escape());
        position = 0;
        at = 0;
        while (at < directives.lines()) {
            line();
        }
    }

    /** The lines up to the first that is no comment. */
    private List<String> head() {
        List<String> head = new ArrayList<>();
        while (position < text.length()) {
            String line = withoutEnd(line());
            if (!line.stripLeading().startsWith("#")) {
                break;
            }
            head.add(line);
        }
        return head;
    }

    /**
     * Reads a file for its form alone, which must be right from beginning to end before anything of it means something.
     *
     * @throws DockerfileException for the first thing that cannot be read
     */
    static void checkForm(DockerfileSource source, Checks checks) {
        StatementReader reader = new StatementReader(source);
        while (reader.next().isPresent()) {
            // only its form counts
        }
        reader.emptyLines.forEach(line -> checks.report(Check.NO_EMPTY_CONTINUATION, LineRange.of(line), "Empty continuation line"));
    }

    ParserDirectives directives() {
        return directives;
    }

    /** With the end that it has. */
    private String line() {
        int end = text.indexOf('\n', position);
        end = end < 0 ? text.length() : end + 1;
        String line = text.substring(position, end);
        position = end;
        at++;
        if (line.length() > Bounds.LINE / 4 && line.getBytes(StandardCharsets.UTF_8).length > Bounds.LINE) {
            throw DockerfileException.at(LineRange.of(at), "dockerfile line greater than max allowed size of " + Bounds.LINE);
        }
        return line;
    }

    /** @throws DockerfileException for what cannot be read, with its lines; or when there was no statement at all */
    Optional<Statement> next() {
        List<String> comments = new ArrayList<>();
        while (position < text.length()) {
            String line = withoutEnd(line());
            String bare = line.stripLeading();
            if (bare.startsWith("#")) {
                // what is above an empty comment is about something else
                String comment = line.substring(1).strip();
                if (comment.isEmpty()) {
                    comments.clear();
                } else {
                    comments.add(comment);
                }
            } else if (!bare.isEmpty()) {
                any = true;
                return Optional.of(statement(bare, List.copyOf(comments)));
            }
        }
        if (!any) {
            throw DockerfileException.at(LineRange.of(Math.max(1, at)), "file with no instructions");
        }
        return Optional.empty();
    }

    private Statement statement(String first, List<String> comments) {
        int start = at;
        StringBuilder code = new StringBuilder();
        boolean goesOn = append(code, first);
        boolean emptyLine = false;
        while (goesOn && position < text.length()) {
            String line = withoutEnd(line());
            String bare = line.stripLeading();
            if (bare.isEmpty()) {
                emptyLine = true;
            } else if (!bare.startsWith("#")) {
                goesOn = append(code, line);
            }
        }
        if (emptyLine) {
            emptyLines.add(at);
        }
        try {
            Statement statement = forms.read(code.toString());
            List<Heredoc> heredocs = statement.mayHaveHeredocs() && statement.code().contains("<<")
                    ? Heredoc.announcedBy(statement.code()).stream().map(this::filled).toList() : List.of();
            return statement.at(new LineRange(start, at), comments, heredocs);
        } catch (DockerfileException refused) {
            throw refused.orAt(new LineRange(start, at));
        }
    }

    private Heredoc filled(Heredoc announced) {
        StringBuilder content = new StringBuilder();
        while (position < text.length()) {
            String line = line();
            if (announced.endsAt(withoutEnd(line))) {
                return announced.with(content.toString());
            }
            content.append(line);
        }
        throw new DockerfileException("unterminated heredoc", List.of());
    }

    /** @return whether the instruction goes on in the next line: the escape is its last character, and not escaped itself */
    private boolean append(StringBuilder code, String line) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
            end--;
        }
        char escape = directives.escape();
        boolean goesOn = end > 0 && line.charAt(end - 1) == escape && (end == 1 || line.charAt(end - 2) != escape);
        code.append(goesOn ? line.substring(0, end - 1) : line);
        return goesOn;
    }

    private static String withoutEnd(String line) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
            end--;
        }
        return line.substring(0, end);
    }
}
