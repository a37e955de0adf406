package io.berth.daemon.dns;

import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.kernel.Fd;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The keeper as the place for the resolver's sockets, under names of their own. */
final class KeptSockets implements SocketKeeper {

    private static final String PREFIX = "dns/";

    private final Supplier<KeeperClient> keeper;

    KeptSockets(Supplier<KeeperClient> keeper) {
        this.keeper = keeper;
    }

    @Override
    public void keep(String container, ResolverSockets sockets) {
        keeper.get().keepSoon(PREFIX + container, sockets.descriptors());
    }

    @Override
    public void drop(String container) {
        keeper.get().keepSoon(PREFIX + container, List.of());
    }

    @Override
    public Optional<ResolverSockets> take(String container) {
        List<Fd> kept = keeper.get().take(PREFIX + container);
        return kept.isEmpty() ? Optional.empty() : Optional.of(ResolverSockets.of(kept));
    }

    @Override
    public List<String> containers() {
        return keeper.get().kept().stream().filter(name -> name.startsWith(PREFIX)).map(name -> name.substring(PREFIX.length())).toList();
    }
}
