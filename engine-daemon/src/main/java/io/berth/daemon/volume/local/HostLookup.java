package io.berth.daemon.volume.local;

import io.berth.linux.mount.MountFailure;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Finds the address of a host. */
@FunctionalInterface
public interface HostLookup {

    /** @throws MountFailure with the reference's words */
    String address(String host);

    /** As the machine does it, an IPv4 address first. */
    static HostLookup ofMachine() {
        return host -> {
            try {
                InetAddress[] all = InetAddress.getAllByName(host);
                return Arrays.stream(all).filter(Inet4Address.class::isInstance).findFirst().orElse(all[0]).getHostAddress();
            } catch (UnknownHostException unknown) {
                throw new MountFailure("error resolving passed in network volume address: lookup " + host + ": no such host");
            }
        };
    }
}
