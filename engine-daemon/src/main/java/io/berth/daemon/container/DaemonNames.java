package io.berth.daemon.container;

import java.util.List;

/**
 * What the daemon's settings say of names in containers: {@code dns}, {@code dns-search}, {@code dns-opts} and
 * {@code host-gateway-ip}. What is empty is the host's.
 *
 * @param hostGateways at most one address of a family; empty for the gateway of the default bridge
 */
public record DaemonNames(List<String> servers, List<String> search, List<String> options, List<String> hostGateways) {

    public static final DaemonNames OF_HOST = new DaemonNames(List.of(), List.of(), List.of(), List.of());

    public DaemonNames {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
        options = List.copyOf(options);
        hostGateways = List.copyOf(hostGateways);
    }
}
