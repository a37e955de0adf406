package io.berth.daemon.build.dockerfile;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The known name that a misspelt one was probably meant to be: two letters away at most. */
final class Suggestion {

    private static final int TOO_FAR = 3;
    /** No name is longer that a file asks for in earnest. */
    private static final int LONGEST = 256;

    private Suggestion() {
    }

    static Optional<String> of(String written, Collection<String> known) {
        return nearest(written, known);
    }

    /** In the case of what was written. */
    static Optional<String> ignoringCase(String written, Collection<String> known) {
        String lower = written.toLowerCase(Locale.ROOT);
        return nearest(lower, known.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList())
                .map(name -> !written.equals(lower) && written.equals(written.toUpperCase(Locale.ROOT)) ? name.toUpperCase(Locale.ROOT) : name);
    }

    /** What goes behind a message. */
    static String hint(Optional<String> suggestion) {
        return suggestion.map(name -> " (did you mean " + name + "?)").orElse("");
    }

    private static Optional<String> nearest(String written, Collection<String> known) {
        if (written.length() > LONGEST || known.size() > Bounds.SUGGESTIONS) {
            return Optional.empty();
        }
        String best = null;
        int bestDistance = TOO_FAR;
        for (String name : known) {
            if (name.equals(written)) {
                return Optional.empty(); // then the spelling is not what is wrong
            }
            int distance = Math.abs(name.length() - written.length()) < bestDistance ? distance(written, name) : TOO_FAR;
            if (distance < bestDistance) {
                best = name;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
