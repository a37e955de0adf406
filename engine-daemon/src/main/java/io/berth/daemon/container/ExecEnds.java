package io.berth.daemon.container;

import io.berth.linux.keeper.Exit;

/** Who is told what becomes of the processes that are not a container's first. Called on the keeper client's reader thread. */
public interface ExecEnds {

    /** @return whether this is the exit of an exec; if not, it is a container's, or nobody's */
    boolean exited(Exit exit);

    /** A client left it by its detach keys; the same answer. */
    boolean detached(String key);
}
