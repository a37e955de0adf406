package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a text of a Dockerfile means: quotes and escapes are taken away and variables have their values. Not a shell's rules, though close to
 * them: the reference's.
 *
 * @param escape backslash or backtick
 * @param options what is kept as it is written
 */
record Expansion(char escape, Set<Option> options) {

    /** What is kept as it is written. */
    enum Option {
        QUOTES, ESCAPES, UNSET_VARIABLES,
        /** A quote is a character like others. */
        QUOTES_MEAN_NOTHING
    }

    /**
     * @param words the text divided at blanks outside quotes
     * @param known names that had a value
     * @param unknown names that had none
     */
    record Expanded(String text, List<String> words, Set<String> known, Set<String> unknown) {
    }

    Expansion(char escape, Option... options) {
        this(escape, Set.of(options));
    }

    /** @throws DockerfileException with the reference's reason, when something is not closed or an operator says so */
    Expanded expand(String text, Variables variables) {
        return expand(text, variables, unknown -> { });
    }

    /** @param unknownOfRefused told of the names without a value, when the text is refused for another reason */
    Expanded expand(String text, Variables variables, Consumer<Set<String>> unknownOfRefused) {
        if (text.indexOf('$') < 0 && text.indexOf(escape) < 0 && text.indexOf('"') < 0 && text.indexOf('\'') < 0 && text.indexOf(' ') < 0
                && text.indexOf('<') < 0 && text.indexOf('\t') < 0) {
            return new Expanded(text, text.isEmpty() ? List.of() : List.of(text), Set.of(), Set.of());
        }
        Reading reading = new Reading(text, variables);
        try {
            return reading.all();
        } catch (DockerfileException refused) {
            unknownOfRefused.accept(reading.unknown);
            throw refused.prefixed("failed to process " + Quoted.of(text) + ": ");
        }
    }

    String text(String text, Variables variables) {
        return expand(text, variables).text;
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }

    /** Words between blanks. */
    private static final class Words {
        private final List<String> finished = new ArrayList<>();
        private final StringBuilder word = new StringBuilder();

        void add(String text) {
            text.codePoints().forEach(this::add);
        }

        void add(int c) {
            if (!Character.isWhitespace(c)) {
                word.appendCodePoint(c);
            } else if (!word.isEmpty()) {
                finish();
            }
        }

        void addQuoted(String text) {
            word.append(text);
        }

        void finish() {
            if (!word.isEmpty()) {
                finished.add(word.toString());
                word.setLength(0);
            }
        }
    }

    /** One text from its beginning to its end. */
    private final class Reading {
        private static final int END = -1;

        private final String text;
        private final Variables variables;
        private final Set<String> known = new LinkedHashSet<>();
        private final Set<String> unknown = new LinkedHashSet<>();
        private final long limit;
        private int at;
        private int depth;

        Reading(String text, Variables variables) {
            this.text = text;
            this.variables = variables;
            this.limit = text.length() + (long) Bounds.GROWTH;
        }

        Expanded all() {
            Words words = new Words();
            String result = until(END, words, options.contains(Option.ESCAPES));
            words.finish();
            return new Expanded(result, words.finished, known, unknown);
        }

        private int peek() {
            return at < text.length() ? text.codePointAt(at) : END;
        }

        private int next() {
            int c = peek();
            at += c == END ? 0 : Character.charCount(c);
            return c;
        }

        private String until(int stop, Words words, boolean keepEscapes) {
            StringBuilder result = new StringBuilder();
            boolean quotes = !options.contains(Option.QUOTES_MEAN_NOTHING);
            while (peek() != END) {
                int c = next();
                if (c == stop) {
                    return result.toString();
                }
                if (c == '$') {
                    String value = variable(keepEscapes);
                    result.append(value);
                    words.add(value);
                } else if (quotes && (c == '\'' || c == '"')) {
                    String quoted = c == '"' ? doubleQuoted(keepEscapes) : singleQuoted();
                    result.append(quoted);
                    words.addQuoted(quoted);
                } else if (c == '<' && peek() == '<') {
                    String mark = heredocMark();
                    result.append(mark);
                    words.addQuoted(mark);
                } else if (c == escape) {
                    escaped(result, words, keepEscapes);
                } else {
                    result.appendCodePoint(c);
                    words.add(c);
                }
                if (result.length() > limit) {
                    throw failure("variables make the text longer than " + limit + " characters");
                }
            }
            if (stop != END) {
                throw failure("unexpected end of statement while looking for matching " + Character.toString(stop));
            }
            return result.toString();
        }

        private void escaped(StringBuilder result, Words words, boolean keepEscapes) {
            String kept = keepEscapes ? Character.toString(escape) : "";
            int c = next();
            String piece = kept + (c == END ? "" : Character.toString(c));
            result.append(piece);
            words.addQuoted(piece);
        }

        /** Blanks between the mark and its name belong to the word. */
        private String heredocMark() {
            int start = at - 1;
            at++;
            while (peek() == ' ' || peek() == '\t' || peek() == '\r') {
                at++;
            }
            return text.substring(start, at);
        }

        private String kept(String quote) {
            return options.contains(Option.QUOTES) ? quote : "";
        }

        private String singleQuoted() {
            int end = text.indexOf('\'', at);
            if (end < 0) {
                at = text.length();
                throw failure("unexpected end of statement while looking for matching single-quote");
            }
            String quoted = kept("'") + text.substring(at, end) + kept("'");
            at = end + 1;
            return quoted;
        }

        private String doubleQuoted(boolean keepEscapes) {
            StringBuilder result = new StringBuilder(kept("\""));
            while (true) {
                int c = next();
                if (c == END) {
                    throw failure("unexpected end of statement while looking for matching double-quote");
                }
                if (c == '"') {
                    return result.append(kept("\"")).toString();
                }
                if (c == '$') {
                    result.append(variable(keepEscapes));
                } else if (c == escape) {
                    if (keepEscapes) {
                        result.append(escape);
                    }
                    if (peek() == END) {
                        continue;
                    }
                    boolean special = peek() == '"' || peek() == '$' || peek() == escape;
                    result.appendCodePoint(special ? next() : escape);
                } else {
                    result.appendCodePoint(c);
                }
                if (result.length() > limit) {
                    throw failure("variables make the text longer than " + limit + " characters");
                }
            }
        }

        private String variable(boolean keepEscapes) {
            if (peek() != '{') {
                String name = name();
                return name.isEmpty() ? "$" : lookUp(name) || !options.contains(Option.UNSET_VARIABLES) ? value(name) : "$" + name;
            }
            next();
            if (++depth > Bounds.NESTING) {
                throw failure("variables are nested more than " + Bounds.NESTING + " deep");
            }
            String value = braced(keepEscapes);
            depth--;
            return value;
        }

        private String braced(boolean keepEscapes) {
            switch (peek()) {
                case END -> throw failure("syntax error: missing '}'");
                case '{', '}', ':' -> throw failure("syntax error: bad substitution");
                default -> { }
            }
            String name = name();
            int operator = next();
            return switch (operator) {
                case '}' -> lookUp(name) || !options.contains(Option.UNSET_VARIABLES) ? value(name) : "${" + name + "}";
                case END -> throw failure("syntax error: missing '}'");
                case ':' -> operator(name, next(), true, keepEscapes);
                case '+', '-', '?', '#', '%' -> operator(name, operator, false, keepEscapes);
                case '/' -> replacement(name);
                default -> throw failure("unsupported modifier (" + Character.toString(operator) + ") in substitution");
            };
        }

        private String operator(String name, int operator, boolean emptyIsUnset, boolean keepEscapes) {
            String written = (emptyIsUnset ? ":" : "") + (operator == END ? "" : Character.toString(operator));
            boolean pattern = operator == '#' || operator == '%';
            if (emptyIsUnset && pattern) {
                throw failure("unsupported modifier (" + written + ") in substitution");
            }
            String word = rest('}', "syntax error: missing '}'", pattern);
            boolean set = lookUp(name);
            if (!set && options.contains(Option.UNSET_VARIABLES)) {
                return "${" + name + written + word + "}";
            }
            String value = value(name);
            boolean usable = set && !(emptyIsUnset && value.isEmpty());
            return switch (operator) {
                case '-' -> usable ? value : word;
                case '+' -> usable ? word : "";
                case '?' -> {
                    if (!usable) {
                        throw failure(name + ": " + (!word.isEmpty() ? word : "is not allowed to be " + (set ? "empty" : "unset")));
                    }
                    yield value;
                }
                case '#', '%' -> {
                    boolean longest = !word.isEmpty() && word.charAt(0) == operator;
                    ShellPattern removed = new ShellPattern(longest ? word.substring(1) : word);
                    yield operator == '#' ? removed.withoutPrefix(value, longest) : removed.withoutSuffix(value, longest);
                }
                default -> throw failure("unsupported modifier (" + written + ") in substitution");
            };
        }

        private String replacement(String name) {
            boolean all = peek() == '/';
            if (all) {
                next();
            }
            String pattern = rest('/', "syntax error: missing '/' in ${}", true);
            String replacement = rest('}', "syntax error: missing '}'", true);
            if (!lookUp(name) && options.contains(Option.UNSET_VARIABLES)) {
                return "${" + name + "/" + pattern + "/" + replacement + "}";
            }
            String result = new ShellPattern(pattern).replaced(value(name), replacement, all);
            if (result.length() > limit) {
                throw failure("variables make the text longer than " + limit + " characters");
            }
            return result;
        }

        private String rest(char stop, String unfinished, boolean keepEscapes) {
            try {
                return until(stop, new Words(), keepEscapes);
            } catch (DockerfileException refused) {
                throw at >= text.length() ? failure(unfinished) : refused;
            }
        }

        /** Letters, digits and underlines; or one of the shell's special parameters, which are never set here. */
        private String name() {
            int start = at;
            int c = peek();
            if (c != END && Character.isDigit(c)) {
                while (peek() != END && Character.isDigit(peek())) {
                    next();
                }
            } else if (c != END && "@*#?-$!".indexOf(c) >= 0) {
                next();
            } else {
                while (peek() != END && (Character.isLetterOrDigit(peek()) || peek() == '_')) {
                    next();
                }
            }
            return text.substring(start, at);
        }

        private boolean lookUp(String name) {
            boolean set = variables.value(name).isPresent();
            (set ? known : unknown).add(name);
            return set;
        }

        private String value(String name) {
            return variables.value(name).orElse("");
        }
    }
}
