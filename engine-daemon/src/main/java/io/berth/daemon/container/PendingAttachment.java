package io.berth.daemon.container;

import io.berth.linux.keeper.Attachment;

/** A client that has attached to a container before its start; the launch hands its socket to the keeper. */
record PendingAttachment(Attachment attachment) implements AutoCloseable {

    @Override
    public void close() {
        attachment.socket().close();
    }
}
