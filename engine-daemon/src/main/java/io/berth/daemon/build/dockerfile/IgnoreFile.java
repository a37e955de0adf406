package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code .dockerignore}: patterns of paths that do not belong to a build's context. The last pattern that says something of a path or of a
 * directory above it counts; one with {@code !} brings back what others took. Also what {@code --exclude} of COPY takes.
 *
 * <p>Paths are relative to the context, with slashes between their parts. A directory that is left out may have files below it that are not, when
 * {@link #hasExceptions}.
 */
public final class IgnoreFile {

    private record Pattern(String text, boolean exception, Optional<Glob> wildcards) {

        boolean matches(String path) {
            return wildcards.map(glob -> glob.matches(path)).orElseGet(() -> text.equals(path));
        }
    }

    private final List<Pattern> patterns = new ArrayList<>();

    private IgnoreFile() {
    }

    /**
     * Reads a file: lines, with comments behind a hash in the first column.
     *
     * @throws DockerfileException when a pattern is malformed
     */
    public static IgnoreFile parse(String text) {
        List<String> patterns = new ArrayList<>();
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        for (String line : content.lines().toList()) {
            String pattern = line.strip();
            if (line.startsWith("#") || pattern.isEmpty()) {
                continue;
            }
            boolean exception = pattern.startsWith("!");
            String path = exception ? pattern.substring(1).strip() : pattern;
            path = path.isEmpty() ? "" : Paths.clean(path);
            if (path.length() > 1 && path.startsWith("/")) {
                path = path.substring(1);
            }
            patterns.add((exception ? "!" : "") + path);
        }
        return of(patterns);
    }

    /** @throws DockerfileException when a pattern is malformed */
    public static IgnoreFile of(List<String> patterns) {
        IgnoreFile file = new IgnoreFile();
        for (String written : patterns) {
            String pattern = written.strip();
            if (pattern.isEmpty()) {
                continue;
            }
            pattern = Paths.clean(pattern);
            boolean exception = pattern.startsWith("!");
            if (pattern.equals("!")) {
                throw failure("illegal exclusion pattern: \"!\"");
            }
            String path = exception ? pattern.substring(1) : pattern;
            file.patterns.add(new Pattern(path, exception, wildcards(path)));
        }
        return file;
    }

    private static Optional<Glob> wildcards(String path) {
        boolean plain = path.chars().noneMatch(c -> "*?[]\\".indexOf(c) >= 0);
        return plain ? Optional.empty() : Optional.of(new Glob(new Reader(path).elements()));
    }

    public boolean isEmpty() {
        return patterns.isEmpty();
    }

    /** Whether something below a directory that is left out may be in the context all the same. */
    public boolean hasExceptions() {
        return patterns.stream().anyMatch(Pattern::exception);
    }

    /** Whether all that the context's root has is left out. */
    boolean leavesNothing() {
        return patterns.stream().anyMatch(pattern -> !pattern.exception && List.of("*", "**", "**/*").contains(pattern.text));
    }

    /** Whether a path is left out, by itself or with a directory above it. */
    public boolean matches(String path) {
        Outcome outcome = root();
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            outcome = outcome.below(path.substring(0, slash));
        }
        return outcome.below(path).ignored();
    }

    /** For who walks a tree: where it begins. */
    public Outcome root() {
        return new Outcome(new boolean[patterns.size()], false);
    }

    /** What became of a directory, which those below it need not work out again. */
    public final class Outcome {
        private final boolean[] matched;
        private final boolean ignored;

        private Outcome(boolean[] matched, boolean ignored) {
            this.matched = matched;
            this.ignored = ignored;
        }

        public boolean ignored() {
            return ignored;
        }

        /** @param path of an entry of this directory, from the context's root on */
        public Outcome below(String path) {
            boolean[] own = new boolean[matched.length];
            boolean left = false;
            for (int i = 0; i < own.length; i++) {
                Pattern pattern = patterns.get(i);
                own[i] = matched[i] || pattern.matches(path);
                if (own[i]) {
                    left = !pattern.exception;
                }
            }
            return new Outcome(own, left);
        }
    }

    /** From a pattern to what it stands for. */
    private static final class Reader {
        private final int[] points;
        private final List<Glob.Element> elements = new ArrayList<>();
        private int at;

        Reader(String pattern) {
            points = pattern.codePoints().toArray();
        }

        List<Glob.Element> elements() {
            while (at < points.length) {
                int c = points[at++];
                switch (c) {
                    case '*' -> stars();
                    case '?' -> elements.add(new Glob.Element.One(Glob.NOT_SLASH));
                    case '[' -> elements.add(new Glob.Element.One(set()));
                    case '\\' -> elements.add(Glob.literal(next()));
                    default -> elements.add(Glob.literal(c));
                }
            }
            return elements;
        }

        private void stars() {
            boolean first = at == 1;
            if (at == points.length || points[at] != '*') {
                elements.add(new Glob.Element.Run(Glob.NOT_SLASH));
                return;
            }
            at++;
            boolean slash = at < points.length && points[at] == '/';
            at += slash ? 1 : 0;
            if (at == points.length || first && !slash && plainFromHere()) {
                elements.add(new Glob.Element.Run(Glob.ANY));
            } else {
                elements.add(new Glob.Element.Tree());
            }
        }

        /** {@code **name} means whatever ends so. */
        private boolean plainFromHere() {
            return "*?[]\\".chars().noneMatch(special -> indexOf(special) >= 0);
        }

        private int indexOf(int c) {
            for (int i = at; i < points.length; i++) {
                if (points[i] == c) {
                    return i;
                }
            }
            return -1;
        }

        private Glob.CharacterSet set() {
            boolean negated = at < points.length && points[at] == '^';
            at += negated ? 1 : 0;
            List<int[]> ranges = new ArrayList<>();
            while (true) {
                if (peek() == ']' && !ranges.isEmpty()) {
                    at++;
                    break;
                }
                int low = member();
                int high = low;
                if (peek() == '-') {
                    at++;
                    high = member();
                }
                ranges.add(new int[] {low, high});
            }
            return c -> negated != ranges.stream().anyMatch(range -> range[0] <= c && c <= range[1]);
        }

        private int member() {
            int c = next();
            if (c == '-' || c == ']') {
                throw malformed();
            }
            return c == '\\' ? next() : c;
        }

        private int peek() {
            return at < points.length ? points[at] : -1;
        }

        private int next() {
            if (at == points.length) {
                throw malformed();
            }
            return points[at++];
        }

        private static DockerfileException malformed() {
            return failure("syntax error in pattern");
        }
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }
}
