package io.berth.daemon.build.dockerfile;

import java.util.List;
import java.util.Optional;

/** A Dockerfile cannot be built as it is written. The message is the reference's; where in the file is beside it. */
public final class DockerfileException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<LineRange> lines;
    private final transient Optional<DockerfileSource> source;

    DockerfileException(String message, List<LineRange> lines) {
        this(message, lines, Optional.empty());
    }

    private DockerfileException(String message, List<LineRange> lines, Optional<DockerfileSource> source) {
        super(message);
        this.lines = List.copyOf(lines);
        this.source = source;
    }

    static DockerfileException at(LineRange lines, String message) {
        return new DockerfileException(message, List.of(lines));
    }

    /** For one that does not know yet where it is. */
    DockerfileException orAt(LineRange where) {
        return lines.isEmpty() ? new DockerfileException(getMessage(), List.of(where), source) : this;
    }

    DockerfileException in(DockerfileSource file) {
        return new DockerfileException(getMessage(), lines, Optional.of(file));
    }

    /** The same reason, said of more. */
    DockerfileException prefixed(String prefix) {
        return new DockerfileException(prefix + getMessage(), lines, source);
    }

    /** Where in the file; empty when it is about the file as a whole. */
    public List<LineRange> lines() {
        return lines;
    }

    public Optional<DockerfileSource> source() {
        return source;
    }

    /** The lines to show to who wrote them, or an empty text. */
    public String excerpt() {
        return source.map(file -> file.excerpt(lines)).orElse("");
    }
}
