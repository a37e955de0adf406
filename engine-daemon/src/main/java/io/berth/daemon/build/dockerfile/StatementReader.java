package io.berth.daemon.build.dockerfile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Goes through the lines of a file once: comments, lines that go on in the next one, heredocs. */
final class StatementReader {

    private final List<String> lines;
    private final ParserDirectives directives;
    private final StatementForms forms;
    private final Checks checks;
    private final List<Statement> statements = new ArrayList<>();
    private int at;

    private StatementReader(List<String> lines, Checks checks) {
        this.lines = lines;
        this.directives = ParserDirectives.of(lines);
        this.forms = new StatementForms(directives.escape());
        this.checks = checks;
    }

    /** What a file says, and how it wants to be read. */
    record Read(ParserDirectives directives, List<Statement> statements) {
    }

    /** @throws DockerfileException for the first thing that cannot be read, with its lines */
    static Read read(DockerfileSource source, Checks checks) {
        String text = source.text();
        StatementReader reader = new StatementReader(split(text.startsWith("\uFEFF") ? text.substring(1) : text), checks);
        reader.directives.check().ifPresent(rules -> checks.fileSays(rulesOf(rules)));
        reader.all();
        return new Read(reader.directives, reader.statements);
    }

    private static CheckRules rulesOf(String text) {
        try {
            return CheckRules.parse(text);
        } catch (DockerfileException refused) {
            throw refused.prefixed("failed to parse check options: ");
        }
    }

    /** Each with the end of line that it has. */
    private static List<String> split(String text) {
        List<String> lines = new ArrayList<>();
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end + 1;
            String line = text.substring(start, end);
            lines.add(line);
            if (line.length() > Bounds.LINE / 4 && line.getBytes(StandardCharsets.UTF_8).length > Bounds.LINE) {
                throw DockerfileException.at(LineRange.of(lines.size()), "dockerfile line greater than max allowed size of " + Bounds.LINE);
            }
            start = end;
        }
        return lines;
    }

    private void all() {
        List<String> comments = new ArrayList<>();
        at = directives.lines();
        while (at < lines.size()) {
            String line = withoutEnd(lines.get(at));
            String bare = line.stripLeading();
            at++;
            if (bare.startsWith("#")) {
                // what is above an empty comment is about something else
                String comment = line.substring(1).strip();
                if (comment.isEmpty()) {
                    comments.clear();
                } else {
                    comments.add(comment);
                }
            } else if (!bare.isEmpty()) {
                statements.add(statement(bare, List.copyOf(comments)));
                comments.clear();
            }
        }
        if (statements.isEmpty()) {
            throw DockerfileException.at(LineRange.of(Math.max(1, lines.size())), "file with no instructions");
        }
    }

    private Statement statement(String first, List<String> comments) {
        int start = at;
        StringBuilder code = new StringBuilder();
        boolean goesOn = append(code, first);
        boolean emptyLine = false;
        while (goesOn && at < lines.size()) {
            String line = withoutEnd(lines.get(at++));
            String bare = line.stripLeading();
            if (bare.isEmpty()) {
                emptyLine = true;
            } else if (!bare.startsWith("#")) {
                goesOn = append(code, line);
            }
        }
        if (emptyLine) {
            checks.report(Check.NO_EMPTY_CONTINUATION, LineRange.of(at), "Empty continuation line");
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
        while (at < lines.size()) {
            String line = lines.get(at++);
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
