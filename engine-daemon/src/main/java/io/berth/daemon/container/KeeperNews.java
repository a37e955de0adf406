package io.berth.daemon.container;

import io.berth.linux.keeper.Exit;
import io.berth.linux.keeper.KeeperEvents;

/** Brings the keeper's news to those they concern. */
record KeeperNews(ContainerExits containers, ExecEnds execs) implements KeeperEvents {

    @Override
    public void exited(Exit exit) {
        if (!execs.exited(exit)) {
            containers.exited(exit);
        }
    }

    @Override
    public void detached(String key, long generation, long tag) {
        if (!execs.detached(key)) {
            containers.detached(key, generation, tag);
        }
    }

    @Override
    public void lost(String reason) {
        containers.lost(reason);
    }
}
