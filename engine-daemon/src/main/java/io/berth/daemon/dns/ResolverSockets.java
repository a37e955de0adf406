package io.berth.daemon.dns;

import io.berth.linux.kernel.Fd;
import java.util.List;

/** The two sockets in a container's namespace at which it is listened for queries. */
record ResolverSockets(Fd udp, Fd tcp) implements AutoCloseable {

    /** @param kept as {@link #descriptors} has them */
    static ResolverSockets of(List<Fd> kept) {
        return new ResolverSockets(kept.get(0), kept.get(1));
    }

    List<Fd> descriptors() {
        return List.of(udp, tcp);
    }

    @Override
    public void close() {
        udp.close();
        tcp.close();
    }
}
