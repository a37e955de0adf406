package io.berth.linux.keeper;

/** What the keeper tells a subscriber. Called on the client's reader thread, one at a time; must not block. */
public interface KeeperEvents {

    /** A process has ended and its log is complete. */
    void exited(Exit exit);

    /** A client typed its detach keys: its socket has been closed, the process goes on. */
    void detached(String key, long generation, long tag);

    /**
     * Output of a process could not be written into its log.
     *
     * @param chunks how many reads of output are lost since the last time; 0 when the first one just was
     * @param why what makes writing impossible; empty when it is possible again
     */
    default void logLost(String key, long generation, long chunks, long bytes, String why) {
    }

    /** The connection is gone; nothing more will come. Not called after {@link KeeperClient#close()} or {@link KeeperClient#shutdown}. */
    void lost(String reason);
}
