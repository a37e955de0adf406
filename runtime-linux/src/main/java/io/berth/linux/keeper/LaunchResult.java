package io.berth.linux.keeper;

/** How a launch ended. */
public sealed interface LaunchResult {

    /** The program runs, or ran and has ended already. A process killed before its execve also counts as started. */
    record Started(int pid) implements LaunchResult {
    }

    /**
     * A record of the launch table failed and the process has ended.
     *
     * @param step the failed record as the table tells it
     * @param errno the positive error number
     */
    record Failed(long step, int errno) implements LaunchResult {
    }
}
