package io.berth.daemon.network.link;

import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.Place;
import java.util.Map;
import java.util.Set;

/** What one network has on the host, and how containers are linked to it. On the {@link NetworkThread} alone. */
public interface HostNetwork {

    /**
     * What is to be made in a container.
     *
     * @param routes  the families whose default route is to lead through this link
     * @param sysctls of the link, by path below {@code /proc/sys/net} with its name in it
     */
    record Wiring(Place place, Set<IpFamily> routes, Map<String, String> sysctls) {
    }

    /** Finds the network's device on the host or makes it. Twice is harmless. */
    void prepare();

    /** Whether the device is there. */
    boolean exists();

    /** Links a container and configures its end: it has its addresses and routes when this returns. Nothing is left of a failure. */
    EndpointId attach(ContainerNamespace container, Wiring wiring);

    /** Removes a running container's link. Waits for the kernel, some 30 ms. */
    void detach(ContainerNamespace container, Endpoint endpoint);

    /** Removes from the host what was made for this network, and nothing of anybody else. Waits for the kernel. */
    void remove();
}
