package io.berth.store.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a registry wants to be told who asks: one of a {@code WWW-Authenticate} header (RFC 9110, 11.6.1).
 *
 * @param scheme lower case, {@code bearer}
 * @param parameters by their lower-case names
 */
record Challenge(String scheme, Map<String, String> parameters) {

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** All challenges of all such headers; what makes no sense is passed over. */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        headers.forEach(header -> new Reader(header).readTo(challenges));
        return challenges;
    }

    /** A header may hold several challenges, with commas between them, between their parameters, and in quoted strings. */
    private static final class Reader {

        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void readTo(List<Challenge> challenges) {
            Map<String, String> parameters = new TreeMap<>();
            while (skip(", \t") < text.length()) {
                String word = token();
                if (word.isEmpty()) {
                    at++;
                    continue;
                }
                int afterWord = at;
                if (skip(" \t") < text.length() && text.charAt(at) == '=') {
                    at++;
                    skip(" \t");
                    parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), at < text.length() && text.charAt(at) == '"' ? quoted() : value());
                } else {
                    at = afterWord;
                    parameters = new TreeMap<>();
                    challenges.add(new Challenge(word.toLowerCase(Locale.ROOT), parameters));
                }
            }
        }

        private int skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return at;
        }

        private String token() {
            int from = at;
            while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || "!#$%&'*+-.^_`|~".indexOf(text.charAt(at)) >= 0)) {
                at++;
            }
            return text.substring(from, at);
        }

        /** Some registries leave the quotes out around what needs them. */
        private String value() {
            int from = at;
            while (at < text.length() && ", \t".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(from, at);
        }

        private String quoted() {
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            at++;
            return value.toString();
        }
    }
}
