package io.berth.daemon.network.address;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Where the subnets of networks come from when nobody names one. */
public final class SubnetPools {

    /** A range cut into subnets of one size. */
    public record Pool(Subnet base, int prefixLength) {

        public Pool {
            if (prefixLength < base.prefixLength() || prefixLength > base.family().bits()) {
                throw new IllegalArgumentException("the size of the subnets of an address pool lies between that of the pool " + base
                        + " and " + base.family().bits() + ", not at " + prefixLength);
            }
        }

        /** The first of its subnets that overlaps with none of {@code taken}; null when there is none. */
        private Subnet firstFree(Collection<Subnet> taken) {
            Subnet candidate = new Subnet(base.network(), prefixLength);
            while (base.contains(candidate)) {
                Subnet wanted = candidate;
                Subnet obstacle = taken.stream().filter(wanted::overlaps).findFirst().orElse(null);
                if (obstacle == null) {
                    return candidate;
                }
                // behind whichever of the two ends later
                IpAddress last = obstacle.prefixLength() < prefixLength ? obstacle.last() : candidate.last();
                IpAddress behind = last.plus(1);
                if (behind.compareTo(last) < 0) {
                    return null;
                }
                candidate = new Subnet(behind, prefixLength);
            }
            return null;
        }
    }

    /** The reference's default pools of IPv4, in its order. */
    private static final List<Pool> DEFAULTS = List.of(pool("172.17.0.0/16", 16), pool("172.18.0.0/16", 16), pool("172.19.0.0/16", 16),
            pool("172.20.0.0/14", 16), pool("172.24.0.0/14", 16), pool("172.28.0.0/14", 16), pool("192.168.0.0/16", 20));

    private final List<Pool> pools;

    private SubnetPools(List<Pool> pools) {
        this.pools = pools;
    }

    /**
     * @param configured what the administrator wants, of one family or both; the family without a pool has the defaults: of
     *                   IPv6 a range for this host alone (RFC 4193)
     * @param host       what tells this host from others, for that range
     */
    public static SubnetPools of(List<Pool> configured, String host) {
        List<Pool> pools = new ArrayList<>(configured);
        if (configured.stream().noneMatch(pool -> pool.base().family() == IpFamily.V4)) {
            pools.addAll(DEFAULTS);
        }
        if (configured.stream().noneMatch(pool -> pool.base().family() == IpFamily.V6)) {
            pools.add(uniqueLocal(host));
        }
        return new SubnetPools(pools);
    }

    /** fd00::/8, then 40 bits of the host's own. */
    private static Pool uniqueLocal(String host) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(("berth subnets " + host).getBytes(StandardCharsets.UTF_8));
            long high = 0xfdL << 56 | (ByteBuffer.wrap(hash).getLong() & 0xff_ffff_ffffL) << 16;
            return new Pool(new Subnet(new IpAddress(IpFamily.V6, high, 0), 48), 64);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** The first subnet of a family that overlaps with none of {@code taken}. */
    public Subnet firstFree(IpFamily family, Collection<Subnet> taken) {
        for (Pool pool : pools) {
            Subnet free = pool.base().family() == family ? pool.firstFree(taken) : null;
            if (free != null) {
                return free;
            }
        }
        throw new NetworkException(NetworkException.Kind.INVALID, "all predefined address pools have been fully subnetted");
    }

    private static Pool pool(String base, int prefixLength) {
        return new Pool(Subnet.parse(base), prefixLength);
    }
}
