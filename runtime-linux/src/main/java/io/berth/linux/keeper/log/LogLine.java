package io.berth.linux.keeper.log;

import java.util.Map;

/**
 * A line of output, or a piece of one that is longer than {@link #LONGEST}.
 *
 * @param stream 1 for standard output (and a terminal), 2 for standard error
 * @param timeNanos when the line's end was read, or the end of its first piece; since 1970
 * @param bytes with the newline, unless this is a piece before the last, or the process ended without one
 * @param attributes what the log was told to keep with each line: labels, variables, a tag
 */
public record LogLine(int stream, long timeNanos, byte[] bytes, Map<String, String> attributes) {

    /** What comes without a newline is cut into pieces of this size, as the reference engine's loggers do. */
    public static final int LONGEST = 16 * 1024;

    public LogLine(int stream, long timeNanos, byte[] bytes) {
        this(stream, timeNanos, bytes, Map.of());
    }
}
