package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.spec.Link;
import io.berth.daemon.spec.NetworkOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whether a container can have what it asks for in a network, told in the reference engine's words, everything at once. */
final class EndpointCheck {

    private static final String SYSCTLS = "com.docker.network.endpoint.sysctls";
    /** {@code net.ipv4.conf.IFNAME.log_martians=1}, or {@code ifname}, as the docker CLI sends it */
    private static final Pattern SYSCTL = Pattern.compile("net\\.(ipv4|ipv6|mpls)\\.[^.=]+\\.(?i:IFNAME)\\.[^=]+=.*");

    private EndpointCheck() {
    }

    /** @throws ApiException invalid */
    static void require(NetworkDefinition network, EndpointSettings settings) {
        if (!settings.macAddress.isEmpty()) {
            NetworkOptions.macAddress(settings.macAddress);
        }
        List<String> problems = new ArrayList<>();
        EndpointSettings.IpamConfig asked = settings.ipamConfig == null ? new EndpointSettings.IpamConfig("", "", List.of()) : settings.ipamConfig;
        String ipv4 = asked.ipv4Address() == null ? "" : asked.ipv4Address();
        String ipv6 = asked.ipv6Address() == null ? "" : asked.ipv6Address();
        if (network.isPredefined()) {
            if (!settings.aliases.isEmpty()) {
                problems.add("network-scoped alias is supported only for containers in user defined networks");
            }
            if (!ipv4.isEmpty() || !ipv6.isEmpty()) {
                problems.add("user specified IP address is supported on user defined networks only");
            }
        }
        links(network, settings.links, problems);
        spelling(ipv4, IpFamily.V4, problems);
        spelling(ipv6, IpFamily.V6, problems);
        for (String linkLocal : asked.linkLocalIps() == null ? List.<String>of() : asked.linkLocalIps()) {
            if (NetworkOptions.find(linkLocal, IpFamily.V4).isEmpty() && NetworkOptions.find(linkLocal, IpFamily.V6).isEmpty()) {
                problems.add("invalid link-local IP address: " + linkLocal);
            }
        }
        place(network, ipv4, IpFamily.V4, problems);
        place(network, ipv6, IpFamily.V6, problems);
        sysctls(settings.driverOpts.getOrDefault(SYSCTLS, ""), problems);
        if (!problems.isEmpty()) {
            throw ApiException.invalid("invalid endpoint settings:\n"
                    + (problems.size() == 1 ? problems.getFirst() : "* " + String.join("\n* ", problems)));
        }
    }

    private static void links(NetworkDefinition network, List<String> links, List<String> problems) {
        if (network.isPredefined() && !links.isEmpty()) {
            problems.add("links of a connection are supported only in user defined networks; those of the default bridge are made with the container");
            return;
        }
        for (String link : links) {
            try {
                Link.parse(link);
            } catch (ApiException unreadable) {
                problems.add(unreadable.getMessage());
            }
        }
    }

    private static void spelling(String address, IpFamily family, List<String> problems) {
        if (!address.isEmpty() && NetworkOptions.find(address, family).isEmpty()) {
            problems.add("invalid " + family + " address: " + address);
        }
    }

    /** An address of one's choice is one of a subnet of one's choice: what the pools give is not the same tomorrow. */
    private static void place(NetworkDefinition network, String address, IpFamily family, List<String> problems) {
        if (address.isEmpty()) {
            return;
        }
        List<Subnet> chosen = network.ranges().stream().filter(AddressRange::subnetChosen).map(AddressRange::subnet)
                .filter(subnet -> subnet.family() == family).toList();
        Optional<Subnet> around = NetworkOptions.find(address, family).flatMap(found -> chosen.stream().filter(subnet -> subnet.contains(found)).findFirst());
        if (network.isPredefined() || chosen.isEmpty()) {
            problems.add("user specified IP address is supported only when connecting to networks with user configured subnets");
        } else if (around.isEmpty()) {
            problems.add("no configured subnet or ip-range contain the IP address " + address);
        }
    }

    private static void sysctls(String text, List<String> problems) {
        for (String sysctl : text.isEmpty() ? new String[0] : text.split(",")) {
            if (!SYSCTL.matcher(sysctl).matches()) {
                problems.add("unrecognised network interface sysctl '" + sysctl + "'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be"
                        + " 'ipv4', 'ipv6' or 'mpls'");
            }
        }
    }

    /** What was asked for, without what an answer of inspect would have besides: clients send one back. */
    static EndpointSettings asked(EndpointSettings settings) {
        EndpointSettings asked = new EndpointSettings();
        asked.ipamConfig = settings.ipamConfig;
        asked.links = settings.links;
        asked.aliases = settings.aliases;
        asked.macAddress = settings.macAddress;
        asked.driverOpts = settings.driverOpts;
        asked.gwPriority = settings.gwPriority;
        return asked;
    }
}
