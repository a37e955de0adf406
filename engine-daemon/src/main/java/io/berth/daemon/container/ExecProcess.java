package io.berth.daemon.container;

import java.util.List;

/**
 * A further process of a container: what differs from the container's first one.
 *
 * @param command program and arguments; not empty
 * @param environment {@code NAME=value} each, in addition to the container's and before it; a name alone takes a variable away
 * @param workingDirectory as in the container when empty
 * @param user as {@code docker run --user} has it; as in the container when empty
 * @param privileged with all capabilities; the container's filter and what is write-protected stay
 * @param openStdin whether it has an input; else it reads the end of a file
 * @param rows of the terminal at the start, 0 for the kernel's default
 */
public record ExecProcess(List<String> command, List<String> environment, String workingDirectory, String user, boolean privileged,
        boolean tty, boolean openStdin, int rows, int columns) {

    public ExecProcess {
        if (command.isEmpty()) {
            throw new IllegalArgumentException("an exec needs a command");
        }
    }
}
