package io.berth.daemon.build.dockerfile;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A Dockerfile as it was written.
 *
 * @param name as messages have it, {@code Dockerfile} mostly
 */
public record DockerfileSource(String name, String text) {

    private static final String RULE = "--------------------\n";
    /** Lines around one that is shown, and around several. */
    private static final int AROUND_ONE = 4;
    private static final int AROUND_SEVERAL = 2;

    /** @throws DockerfileException when it is longer than 10 MB */
    public DockerfileSource {
        if (text.length() > Bounds.FILE) {
            throw new DockerfileException("read " + name + ": it is longer than " + Bounds.FILE
                    + " bytes; a Dockerfile that long is not built", List.of());
        }
    }

    /** @throws DockerfileException when it is longer than 10 MB */
    public static DockerfileSource of(String name, byte[] content) {
        if (content.length > Bounds.FILE) {
            throw new DockerfileException("read " + name + ": " + content.length + " bytes are more than the " + Bounds.FILE
                    + " that a Dockerfile may have", List.of());
        }
        return new DockerfileSource(name, new String(content, StandardCharsets.UTF_8));
    }

    /** The lines with their neighbours and numbers, as {@code docker build} shows them; empty when there are no such lines. */
    public String excerpt(List<LineRange> marked) {
        String[] lines = text.split("\n", -1);
        int start = marked.stream().mapToInt(LineRange::first).min().orElse(0);
        int end = Math.min(lines.length, marked.stream().mapToInt(LineRange::last).max().orElse(0));
        if (start < 1 || start > lines.length) {
            return "";
        }
        StringBuilder excerpt = new StringBuilder(name + ":" + start + "\n" + RULE);
        int around = start == end ? AROUND_ONE : AROUND_SEVERAL;
        for (int shown = 0; shown < around; shown++) {
            if (start > 1) {
                start--;
                shown++;
            }
            if (end < lines.length) {
                end++;
                shown++;
            }
        }
        for (int line = start; line <= end; line++) {
            int number = line;
            String mark = marked.stream().anyMatch(range -> range.contains(number)) ? ">>>" : "   ";
            excerpt.append(String.format(" %3d | %s %s\n", line, mark, lines[line - 1]));
        }
        return excerpt.append(RULE).toString();
    }
}
