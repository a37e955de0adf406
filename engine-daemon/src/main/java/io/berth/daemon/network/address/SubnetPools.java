package io.berth.daemon.network.address;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Where the subnets of networks come from when nobody names one: the reference's default pools, in its order. */
public final class SubnetPools {

    /** A range cut into subnets of one size. */
    public record Pool(Subnet base, int prefixLength) {

        private List<Subnet> subnets() {
            List<Subnet> subnets = new ArrayList<>();
            for (int i = 0; i < 1 << prefixLength - base.prefixLength(); i++) {
                subnets.add(new Subnet(base.network().plus(i << 32 - prefixLength), prefixLength));
            }
            return subnets;
        }
    }

    public static final List<Pool> DEFAULTS = List.of(pool("172.17.0.0/16", 16), pool("172.18.0.0/16", 16), pool("172.19.0.0/16", 16),
            pool("172.20.0.0/14", 16), pool("172.24.0.0/14", 16), pool("172.28.0.0/14", 16), pool("192.168.0.0/16", 20));

    private SubnetPools() {
    }

    /** The first subnet that overlaps with none of {@code taken}. */
    public static Subnet firstFree(List<Pool> pools, Collection<Subnet> taken) {
        return pools.stream().flatMap(pool -> pool.subnets().stream())
                .filter(subnet -> taken.stream().noneMatch(subnet::overlaps)).findFirst()
                .orElseThrow(() -> new NetworkException(NetworkException.Kind.UNAVAILABLE,
                        "all predefined address pools have been fully subnetted: every one overlaps with a route of the host"));
    }

    private static Pool pool(String base, int prefixLength) {
        return new Pool(Subnet.parse(base), prefixLength);
    }
}
