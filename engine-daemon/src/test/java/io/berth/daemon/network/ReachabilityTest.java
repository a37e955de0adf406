package io.berth.daemon.network;

/** The matrix on a machine without the module br_netfilter. */
class ReachabilityTest extends Reachability {

    ReachabilityTest() {
        super(false);
    }
}
