package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides what becomes of a query. A name that somebody in the container's networks has is answered here, whatever is asked
 * about it: of a kind that it does not have there is nothing, and nobody outside hears of it. Any other name is asked for outside.
 */
final class Resolver {

    /** What becomes of a query. */
    sealed interface Decision {

        record Answer(byte[] reply) implements Decision {
        }

        record Ask(List<Upstream> servers) implements Decision {
        }
    }

    private final NameDirectory names;
    private final RandomGenerator random;

    /** @param random who comes first among several addresses of a name */
    Resolver(NameDirectory names, RandomGenerator random) {
        this.names = names;
        this.random = random;
    }

    Decision decide(String container, Query query, int limit) {
        if (query.isForInternet()) {
            Optional<byte[]> known = query.type() == Dns.PTR ? reverse(container, query, limit) : addresses(container, query, limit);
            if (known.isPresent()) {
                return new Decision.Answer(known.get());
            }
        }
        NameDirectory.Forwarding forwarding = names.forwarding(container);
        if (forwarding.servers().isEmpty()) {
            return new Decision.Answer(Reply.empty(query, Dns.SERVER_FAILURE));
        }
        boolean forAddress = query.type() == Dns.A || query.type() == Dns.AAAA;
        if (forAddress && query.isSingleLabel() && !forwarding.singleLabels()) {
            return new Decision.Answer(Reply.empty(query, Dns.NO_ERROR));
        }
        return new Decision.Ask(forwarding.servers());
    }

    private Optional<byte[]> reverse(String container, Query query, int limit) {
        return ReverseName.address(query.name()).flatMap(address -> names.nameOf(container, address))
                .map(name -> Reply.name(query, name, limit)).or(() -> addresses(container, query, limit));
    }

    private Optional<byte[]> addresses(String container, Query query, int limit) {
        return names.addresses(container, query.name()).map(all -> {
            List<IpAddress> wanted = new ArrayList<>(all);
            wanted.removeIf(address -> query.type() != Dns.ANY && query.type() != (address.isV4() ? Dns.A : Dns.AAAA));
            Collections.shuffle(wanted, random);
            return Reply.addresses(query, wanted, limit);
        });
    }
}
