package io.berth.linux.keeper.log;

/**
 * Where a process's output is logged, in which form, and how much of it is kept.
 *
 * @param directory an existing directory of the container's own for a {@link LogSpool}; empty for no log
 * @param file the path of a {@link JsonLogFile}, which is written instead of the spool; empty for a spool. A keeper from before
 *     there were such files writes the spool
 * @param attributes what each line of a json-file carries besides the output, as a JSON object; empty for nothing
 * @param segmentBytes a segment that has reached this size is followed by a new one ({@code max-size})
 * @param segments how many segments are kept ({@code max-file}); the oldest is removed first
 */
public record LogOptions(String directory, String file, String attributes, long segmentBytes, int segments) {

    /** 20 MiB, five times: a container's log takes 100 MiB at most unless its owner says otherwise. */
    public static final long DEFAULT_SEGMENT_BYTES = 20L << 20;
    public static final int DEFAULT_SEGMENTS = 5;
    private static final LogOptions NONE = new LogOptions("", DEFAULT_SEGMENT_BYTES, DEFAULT_SEGMENTS);

    public LogOptions {
        if (segmentBytes < 1 || segments < 1) {
            throw new IllegalArgumentException("a log keeps at least one segment of at least one byte, not " + segments + " of "
                    + segmentBytes);
        }
    }

    /** A spool in {@code directory}. */
    public LogOptions(String directory, long segmentBytes, int segments) {
        this(directory, "", "", segmentBytes, segments);
    }

    /** A spool in {@code directory} with the default limits. */
    public static LogOptions in(String directory) {
        return new LogOptions(directory, DEFAULT_SEGMENT_BYTES, DEFAULT_SEGMENTS);
    }

    /** No log, as for an exec. */
    public static LogOptions none() {
        return NONE;
    }

    public boolean enabled() {
        return !directory.isEmpty();
    }

    /** The same log with other limits. */
    LogOptions withLimitsOf(LogOptions other) {
        return new LogOptions(directory, file, attributes, other.segmentBytes, other.segments);
    }
}
