package io.berth.daemon.container;

import io.berth.daemon.spec.Engine;
import io.berth.linux.kernel.Errno;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Finds a container's program the way a shell would, and says why it was not found in the words clients look for. */
final class ProgramSearch {

    private ProgramSearch() {
    }

    /** The paths to try in turn. */
    static List<byte[]> candidates(String program, List<String> environment) {
        if (program.contains("/")) {
            return List.of(program.getBytes(StandardCharsets.UTF_8));
        }
        String path = environment.stream().filter(variable -> variable.startsWith("PATH=")).reduce((first, last) -> last)
                .map(variable -> variable.substring("PATH=".length())).orElse(Engine.DEFAULT_PATH);
        List<byte[]> candidates = new ArrayList<>();
        for (String directory : path.split(":")) {
            candidates.add(((directory.isEmpty() ? "." : directory) + "/" + program).getBytes(StandardCharsets.UTF_8));
        }
        return candidates;
    }

    /**
     * Why none of the candidates could be executed.
     *
     * @param errors one a candidate, in order
     */
    static StartFailure failure(String program, List<Errno> errors) {
        for (Errno error : errors) {
            if (error == Errno.E2BIG) {
                return StartFailure.ofProcess(126, "exec: \"" + program + "\": the arguments, or the memory limit to hold them, are too "
                        + "large or too small: " + error.describe());
            }
            boolean keptSearching = error == Errno.ENOENT || error == Errno.ENOTDIR || error == Errno.EACCES;
            if (!keptSearching || program.contains("/")) {
                return direct(program, error);
            }
        }
        return StartFailure.ofProcess(127, "exec: \"" + program + "\": executable file not found in $PATH");
    }

    private static StartFailure direct(String program, Errno error) {
        return switch (error) {
            // The kernel's answer is the same when a script's interpreter or a program's loader is what is missing (execve(2)).
            case ENOENT -> StartFailure.ofProcess(127, notThere(program) + " (it, or its interpreter or loader)");
            case ENOTDIR -> StartFailure.ofProcess(127, notThere(program));
            case EACCES -> StartFailure.ofProcess(126, "exec: \"" + program + "\": permission denied");
            default -> StartFailure.ofProcess(126, "exec " + program + ": " + error.text());
        };
    }

    private static String notThere(String program) {
        return "exec: \"" + program + "\": stat " + program + ": no such file or directory";
    }
}
