package io.berth.linux.keeper;

import io.berth.linux.kernel.Errno;

/** How a launch ended. */
public sealed interface LaunchResult {

    /** The program runs, or ran and has ended already. A process killed before its execve also counts as started. */
    record Started(int pid) implements LaunchResult {
    }

    /**
     * A record of the launch table failed and the process has ended.
     *
     * @param step the position of the step in its plan
     * @param errno the kernel's answer to it
     */
    record Failed(int step, Errno errno) implements LaunchResult {
    }
}
