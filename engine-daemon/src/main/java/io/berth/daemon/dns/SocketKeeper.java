package io.berth.daemon.dns;

import java.util.List;
import java.util.Optional;

/** Where copies of the resolver's sockets outlive the daemon. */
interface SocketKeeper {

    /** Keeps copies, instead of those it had for the container; it has them before it hears of the container's launch. */
    void keep(String container, ResolverSockets sockets);

    /** Lets go of them, and with them of the container's namespace. Harmless when there are none. */
    void drop(String container);

    /** Copies of those it has, the caller's to close. */
    Optional<ResolverSockets> take(String container);

    /** The containers of whom it has any. */
    List<String> containers();
}
