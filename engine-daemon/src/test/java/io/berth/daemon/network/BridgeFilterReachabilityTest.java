package io.berth.daemon.network;

/** The matrix on a machine whose bridges pass packets to the rules of IPv4 and IPv6 (br_netfilter). */
class BridgeFilterReachabilityTest extends Reachability {

    BridgeFilterReachabilityTest() {
        super(true);
    }
}
