package io.berth.store.archive;

import io.berth.store.content.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The text of a Dockerfile's instruction: words between blanks, and what becomes of quotes, backslashes and variables in them
 * ({@code $A}, {@code ${A}}, {@code ${A:-default}}, {@code ${A:+other}}). Refusals are the reference engine's.
 */
final class DockerfileWords {

    private final Map<String, String> variables;
    private String text = "";
    private int at;

    DockerfileWords(Map<String, String> variables) {
        this.variables = variables;
    }

    /** Words as they are written, with their quotes. */
    static List<String> split(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && Character.isWhitespace(c)) {
                if (!word.isEmpty()) {
                    words.add(word.toString());
                    word.setLength(0);
                }
                continue;
            }
            word.append(c);
            if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
            } else if (quote == c) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    /** What a text means: quotes and backslashes are taken away, variables have their values. */
    String expand(String written) {
        text = written;
        at = 0;
        return until('\0');
    }

    private String until(char end) {
        StringBuilder result = new StringBuilder();
        while (at < text.length() && (end == '\0' || text.charAt(at) != end)) {
            char c = text.charAt(at++);
            switch (c) {
                case '\'' -> result.append(singleQuoted());
                case '"' -> result.append(doubleQuoted());
                case '$' -> result.append(variable());
                case '\\' -> {
                    if (at < text.length()) {
                        result.append(text.charAt(at++));
                    }
                }
                default -> result.append(c);
            }
        }
        return result.toString();
    }

    private String singleQuoted() {
        int end = text.indexOf('\'', at);
        if (end < 0) {
            throw failure("unexpected end of statement while looking for matching single-quote");
        }
        String quoted = text.substring(at, end);
        at = end + 1;
        return quoted;
    }

    private String doubleQuoted() {
        StringBuilder result = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return result.toString();
            }
            if (c == '$') {
                result.append(variable());
            } else if (c == '\\' && at < text.length() && "\"$\\".indexOf(text.charAt(at)) >= 0) {
                result.append(text.charAt(at++));
            } else {
                result.append(c);
            }
        }
        throw failure("unexpected end of statement while looking for matching double-quote");
    }

    private String variable() {
        if (at < text.length() && text.charAt(at) == '{') {
            at++;
            return braced();
        }
        String name = name();
        return name.isEmpty() ? "$" : variables.getOrDefault(name, "");
    }

    private String braced() {
        String name = name();
        if (name.isEmpty()) {
            throw failure("bad substitution");
        }
        String value = variables.getOrDefault(name, "");
        boolean emptyIsUnset = at < text.length() && text.charAt(at) == ':';
        at += emptyIsUnset ? 1 : 0;
        char modifier = at < text.length() ? text.charAt(at++) : '\0';
        boolean set = emptyIsUnset ? !value.isEmpty() : variables.containsKey(name);
        if (modifier == '}' && !emptyIsUnset) {
            return value;
        }
        if (modifier != '-' && modifier != '+') {
            throw failure(modifier == '\0' ? "syntax error: missing '}'" : "unsupported modifier (" + modifier + ") in substitution");
        }
        String other = until('}');
        if (at++ >= text.length()) {
            throw failure("syntax error: missing '}'");
        }
        return modifier == '-' ? set ? value : other : set ? other : "";
    }

    private String name() {
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        return text.substring(start, at);
    }

    private StoreException failure(String why) {
        return StoreException.invalid("failed to process \"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\": " + why);
    }
}
