package io.berth.daemon.build.dockerfile;

import java.util.List;
import java.util.regex.Pattern;

/** {@code --chmod} of COPY and ADD. */
public sealed interface FileMode {

    /** The permissions themselves, up to 07777. */
    record Octal(int bits) implements FileMode {
    }

    /** Changes to the permissions that a file has, as of chmod(1): {@code u=rwX,go=rX}. */
    record Symbolic(String changes) implements FileMode {
    }

    Pattern CLAUSE = Pattern.compile("[augo]*(?:[-+=][rstwXxugo]*)+");

    /** @throws DockerfileException when it is neither */
    static FileMode of(String text) {
        if (!text.isEmpty() && Character.isDigit(text.charAt(0))) {
            long bits = FlagValues.unsigned(text, 8).orElse(Long.MAX_VALUE);
            if (bits > 07777) {
                throw new DockerfileException("invalid chmod parameter: '" + text + "'. it should be octal string and between 0 and 07777", List.of());
            }
            return new Octal((int) bits);
        }
        for (String clause : text.split(",", -1)) {
            if (!CLAUSE.matcher(clause).matches()) {
                throw new DockerfileException("invalid syntax", List.of());
            }
        }
        return new Symbolic(text);
    }
}
