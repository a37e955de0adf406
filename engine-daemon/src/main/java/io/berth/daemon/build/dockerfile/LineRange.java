package io.berth.daemon.build.dockerfile;

/**
 * Lines of a file.
 *
 * @param first counted from 1
 * @param last the same or a later one
 */
public record LineRange(int first, int last) {

    public LineRange {
        last = Math.max(first, last);
    }

    static LineRange of(int line) {
        return new LineRange(line, line);
    }

    boolean contains(int line) {
        return first <= line && line <= last;
    }
}
