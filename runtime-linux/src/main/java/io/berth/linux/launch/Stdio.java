package io.berth.linux.launch;

import io.berth.linux.kernel.Fd;

/** What the process finds on its descriptors 0, 1 and 2. */
public sealed interface Stdio {

    /** The child's ends of three pipes, or anything else that can be read and written. */
    record Pipes(Fd stdin, Fd stdout, Fd stderr) implements Stdio {
    }

    /**
     * A pseudo-terminal. The child opens its side from the master (TIOCGPTPEER), so no path of the container is involved.
     *
     * @param console whether the terminal is put on {@code /dev/console} too, as for a container's first process
     */
    record Terminal(Fd master, boolean console) implements Stdio {
    }
}
