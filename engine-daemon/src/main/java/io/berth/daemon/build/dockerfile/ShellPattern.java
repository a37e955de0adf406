package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** The patterns of {@code ${name#pattern}} and its like: {@code *}, {@code ?}, and a backslash before what is meant as it is. */
final class ShellPattern {

    private final Glob glob;

    /** @throws DockerfileException when a backslash is before something else */
    ShellPattern(String pattern) {
        int[] points = pattern.codePoints().toArray();
        List<Glob.Element> elements = new ArrayList<>();
        for (int i = 0; i < points.length; i++) {
            switch (points[i]) {
                case '*' -> elements.add(new Glob.Element.Run(Glob.NOT_NEWLINE));
                case '?' -> elements.add(new Glob.Element.One(Glob.NOT_NEWLINE));
                case '\\' -> {
                    String next = ++i < points.length ? Character.toString(points[i]) : "";
                    if (next.isEmpty() || !"*?\\}/".contains(next)) {
                        throw new DockerfileException("invalid pattern (" + pattern + ") in substitution: invalid escape '\\" + next + "'", List.of());
                    }
                    elements.add(Glob.literal(points[i]));
                }
                default -> elements.add(Glob.literal(points[i]));
            }
        }
        glob = new Glob(elements);
    }

    String withoutPrefix(String value, boolean longest) {
        int[] text = value.codePoints().toArray();
        int end = glob.prefix(text, 0, longest);
        return end < 0 ? value : new String(text, end, text.length - end);
    }

    String withoutSuffix(String value, boolean longest) {
        int[] text = value.codePoints().toArray();
        int[] backwards = new int[text.length];
        for (int i = 0; i < text.length; i++) {
            backwards[i] = text[text.length - 1 - i];
        }
        int length = glob.reversed().prefix(backwards, 0, longest);
        return length < 0 ? value : new String(text, 0, text.length - length);
    }

    /** The leftmost piece that matches, as long as it can be; or all of them, each behind the end of the one before. */
    String replaced(String value, String replacement, boolean all) {
        int[] text = value.codePoints().toArray();
        StringBuilder result = new StringBuilder();
        long tried = 0;
        int emptyAllowedFrom = 0;
        for (int at = 0; at <= text.length; ) {
            int end = glob.prefix(text, at, true);
            tried += text.length - at + 1L;
            if (tried > Bounds.MATCHING / 4) {
                throw new DockerfileException("replace in a value of " + text.length + " characters: it is too long for this pattern", List.of());
            }
            boolean found = end > at || end == at && at >= emptyAllowedFrom;
            if (found) {
                result.append(replacement);
                emptyAllowedFrom = end + 1;
            }
            int next = found && end > at ? end : at + 1;
            if (next > end && at < text.length && next == at + 1) {
                result.appendCodePoint(text[at]);
            }
            at = next;
            if (found && !all) {
                return at < text.length ? result.append(new String(text, at, text.length - at)).toString() : result.toString();
            }
        }
        return result.toString();
    }
}
