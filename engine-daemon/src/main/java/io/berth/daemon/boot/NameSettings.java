package io.berth.daemon.boot;

import io.berth.daemon.container.DaemonNames;
import io.berth.daemon.network.address.IpAddress;
import java.util.List;

/** What containers find names by, from texts. */
final class NameSettings {

    private NameSettings() {
    }

    static DaemonNames of(List<String> servers, List<String> search, List<String> options, List<String> hostGateways) {
        if (hostGateways.stream().map(IpAddress::parse).map(IpAddress::family).distinct().count() < hostGateways.size()) {
            throw new SettingsException("only one IPv4 and one IPv6 address can be given for " + Setting.HOST_GATEWAY_IPS.flag());
        }
        return new DaemonNames(servers, search, options, hostGateways);
    }

    static void address(String text) {
        IpAddress.parse(text);
    }
}
