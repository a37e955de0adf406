package io.berth.daemon.dns;

import io.berth.linux.kernel.Fd;

/** A datagram's sender. What the network does not take it asks for again, by itself. */
record UdpAsker(SocketIo io, Fd socket, byte[] peer) implements Asker {

    @Override
    public int limit(Query query) {
        return query.datagramLimit();
    }

    @Override
    public boolean overTcp() {
        return false;
    }

    @Override
    public void answer(byte[] reply) {
        if (!socket.isClosed()) {
            io.sendTo(socket, reply, peer);
        }
    }

    @Override
    public void dismiss() {
        // no message is no message
    }
}
