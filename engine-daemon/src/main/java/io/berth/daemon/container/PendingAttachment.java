package io.berth.daemon.container;

import io.berth.daemon.spec.ContainerId;
import io.berth.linux.keeper.Attachment;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;

/** A client that has attached to a container before its start; the launch hands its socket to the keeper. */
record PendingAttachment(Attachment attachment) implements AutoCloseable {

    /** Gives the client to the running container. One that has just ended: closing the socket says so. */
    void handOver(KeeperClient keeper, ContainerId container) {
        try {
            keeper.attach(container.hex(), attachment);
        } catch (KeeperException gone) {
            if (gone.kind() != KeeperException.Kind.NOT_FOUND) {
                throw gone;
            }
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        attachment.socket().close();
    }
}
