package io.berth.daemon.image;

import io.berth.api.http.ApiException;
import io.berth.store.image.ImageReference;
import java.util.regex.Pattern;

/**
 * A pattern for names of images as the reference engine understands it: {@code *} and {@code ?} stand for anything but a slash,
 * {@code [a-z]} and {@code [^a-z]} for one character, and {@code \} takes the meaning from the next (Go's path.Match). It is
 * compared with the familiar name, with and without the tag.
 */
final class NamePattern {

    private final Pattern pattern;

    /** @throws ApiException invalid, when it is no pattern */
    NamePattern(String text) {
        this.pattern = Pattern.compile(new Translation(text).translate(), Pattern.DOTALL);
    }

    boolean matches(ImageReference name) {
        return pattern.matcher(name.familiar()).matches() || pattern.matcher(name.familiarName()).matches();
    }

    /** From Go's pattern to Java's. */
    private static final class Translation {
        private final String text;
        private final StringBuilder result = new StringBuilder();
        private int at;

        Translation(String text) {
            this.text = text;
        }

        String translate() {
            while (at < text.length()) {
                char c = text.charAt(at++);
                switch (c) {
                    case '*' -> result.append("[^/]*");
                    case '?' -> result.append("[^/]");
                    case '[' -> characterClass();
                    case '\\' -> result.append(Pattern.quote(next()));
                    default -> result.append(Pattern.quote(String.valueOf(c)));
                }
            }
            return result.toString();
        }

        private void characterClass() {
            boolean negated = at < text.length() && text.charAt(at) == '^';
            at += negated ? 1 : 0;
            result.append(negated ? "(?:(?!/)[^" : "(?:(?!/)[");
            int first = at;
            while (at == first || peek() != ']') {
                String low = member();
                result.append("\\").append(low);
                if (peek() == '-') {
                    at++;
                    String high = member();
                    if (high.compareTo(low) < 0) {
                        throw noPattern();
                    }
                    result.append("-\\").append(high);
                }
            }
            at++;
            result.append("])");
        }

        private String member() {
            char c = peek();
            if (c == '-' || c == ']') {
                throw noPattern();
            }
            at++;
            return escaped(c == '\\' ? next() : String.valueOf(c));
        }

        /** What comes after a backslash in Java's pattern; letters and digits would mean something there. */
        private static String escaped(String character) {
            return Character.isLetterOrDigit(character.charAt(0)) ? "x{" + Integer.toHexString(character.charAt(0)) + "}" : character;
        }

        private char peek() {
            if (at >= text.length()) {
                throw noPattern();
            }
            return text.charAt(at);
        }

        private String next() {
            peek();
            return String.valueOf(text.charAt(at++));
        }

        private static ApiException noPattern() {
            return ApiException.invalid("syntax error in pattern");
        }
    }
}
