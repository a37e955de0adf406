package io.berth.daemon.build.dockerfile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.berth.daemon.build.dockerfile.Statement.Arguments;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Divides the text of an instruction into its parts; every instruction has its own form. */
final class StatementForms {

    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern BLANKS = Pattern.compile("[\\t\\x0B\\f\\r ]+");

    private final char escape;

    StatementForms(char escape) {
        this.escape = escape;
    }

    /** @throws DockerfileException when it does not have the form of its instruction */
    Statement read(String code) {
        return read(code, true);
    }

    private Statement read(String code, boolean outermost) {
        String[] parts = BLANKS.split(code.strip(), 2);
        Rest rest = new Rest(List.of(), "");
        if (parts.length == 2) {
            rest = flags(parts[1]);
        }
        String text = rest.text.strip();
        Statement bare = new Statement(parts[0], rest.flags, Arguments.NONE, List.of(), code, LineRange.of(1), List.of());
        return new Statement(parts[0], rest.flags, arguments(bare.name(), text, outermost), List.of(), code, LineRange.of(1), List.of());
    }

    private Arguments arguments(String name, String text, boolean outermost) {
        if (text.isEmpty()) {
            return Arguments.NONE;
        }
        return switch (name) {
            case "ADD", "COPY", "VOLUME" -> json(text).orElseGet(() -> Arguments.of(List.of(BLANKS.split(text, -1))));
            case "CMD", "ENTRYPOINT", "RUN", "SHELL" -> json(text).orElseGet(() -> Arguments.of(List.of(text)));
            case "ARG" -> Arguments.of(words(text));
            case "ENV", "LABEL" -> pairs(name, text);
            case "EXPOSE", "FROM" -> Arguments.of(List.of(BLANKS.split(text, -1)));
            case "HEALTHCHECK" -> health(text);
            case "MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR" -> Arguments.of(List.of(text));
            case "ONBUILD" -> triggered(text, outermost);
            default -> Arguments.NONE; // not an instruction; whoever gives it a meaning will say so
        };
    }

    /** One trigger in another is refused later; however many there are, none is read here. */
    private Arguments triggered(String text, boolean outermost) {
        if (!outermost) {
            return Arguments.NONE;
        }
        Statement later = read(text, false);
        List<String> all = new ArrayList<>(List.of(later.keyword()));
        all.addAll(later.arguments().values());
        return new Arguments(all, later.arguments().json(), Optional.of(later));
    }

    private static Arguments health(String text) {
        int end = 0;
        while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        String command = text.substring(end).strip();
        List<String> all = new ArrayList<>(List.of(text.substring(0, end)));
        if (command.isEmpty()) {
            return Arguments.of(all);
        }
        Optional<Arguments> json = json(command);
        all.addAll(json.map(Arguments::values).orElse(List.of(command)));
        return new Arguments(all, json.isPresent(), Optional.empty());
    }

    /** Each pair as three values: name, value, and the sign between them, which old texts do not have. */
    private Arguments pairs(String name, String text) {
        List<String> words = words(text);
        if (words.isEmpty()) {
            return Arguments.NONE;
        }
        if (!words.getFirst().contains("=")) {
            String[] parts = BLANKS.split(text, 2);
            if (parts.length < 2) {
                throw new DockerfileException(name + " must have two arguments", List.of());
            }
            return Arguments.of(List.of(parts[0], parts[1], ""));
        }
        List<String> pairs = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw new DockerfileException("Syntax error - can't find = in " + Quoted.of(word) + ". Must be of the form: name=value", List.of());
            }
            pairs.addAll(List.of(word.substring(0, equals), word.substring(equals + 1), "="));
        }
        return Arguments.of(pairs);
    }

    /** A list of texts; nothing when it is no valid JSON list, which makes it the other form. */
    private static Optional<Arguments> json(String text) {
        if (!text.startsWith("[")) {
            return Optional.empty();
        }
        List<String> values = new ArrayList<>();
        boolean texts = true;
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                if (token == null) {
                    return Optional.empty();
                }
                texts &= token == JsonToken.VALUE_STRING;
                values.add(token == JsonToken.VALUE_STRING ? parser.getText() : "");
                parser.skipChildren();
            }
            if (parser.nextToken() != null) {
                return Optional.empty();
            }
        } catch (IOException otherForm) {
            return Optional.empty();
        }
        if (!texts) {
            throw new DockerfileException("when using JSON array syntax, arrays must be comprised of strings only", List.of());
        }
        return Optional.of(new Arguments(values, true, Optional.empty()));
    }

    /** Words between blanks, with their quotes and escapes. */
    private List<String> words(String text) {
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
            if (c == escape && quote != '\'') {
                if (i + 1 < text.length()) {
                    word.append(c).append(text.charAt(++i));
                }
                continue;
            }
            if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (quote == c) {
                quote = 0;
            }
            word.append(c);
        }
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    private record Rest(List<String> flags, String text) {
    }

    /** Words that begin with {@code --}, without their quotes, up to the first that does not; {@code --} alone ends them too. */
    private Rest flags(String text) {
        List<String> flags = new ArrayList<>();
        int at = 0;
        while (true) {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            if (!text.startsWith("--", at)) {
                return new Rest(flags, text.substring(at));
            }
            StringBuilder word = new StringBuilder();
            char quote = 0;
            for (; at < text.length() && (quote != 0 || !Character.isWhitespace(text.charAt(at))); at++) {
                char c = text.charAt(at);
                if (c == escape) {
                    if (at + 1 < text.length()) {
                        word.append(text.charAt(++at));
                    }
                } else if (quote == 0 && (c == '"' || c == '\'')) {
                    quote = c;
                } else if (quote == c) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            }
            if (word.toString().equals("--")) {
                return new Rest(flags, text.substring(at));
            }
            flags.add(word.toString());
        }
    }
}
