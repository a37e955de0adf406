package io.berth.linux.keeper;

/**
 * A process in the keeper's table.
 *
 * @param pid its process id as the keeper sees it; 0 while it is being started and for an exit that an earlier keeper left
 * @param state whether it is being started, runs or has ended
 */
public record KeptProcess(String key, long generation, int pid, State state) {

    /** The states in the order of a life. */
    public enum State {
        STARTING,
        RUNNING,
        EXITED
    }
}
