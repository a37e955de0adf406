package io.berth.daemon.network;

import io.berth.api.wire.network.ConfigReference;
import io.berth.api.wire.network.InspectNetwork;
import io.berth.api.wire.network.Ipam;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.sandbox.Endpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Networks as the API shows them. */
final class NetworkView {

    private NetworkView() {
    }

    static InspectNetwork of(NetworkDefinition network, List<NetworkMembers.Member> members) {
        return new InspectNetwork(network.name(), network.id().hex(), network.created().toString(), "local", network.driver().toString(),
                network.ipv4(), network.ipv6(), ipam(network), network.internal(), network.attachable(), false,
                new ConfigReference(network.madeAfter().orElse("")), network.template(), containers(members),
                new TreeMap<>(network.options()), new TreeMap<>(network.labels()));
    }

    private static Ipam ipam(NetworkDefinition network) {
        return new Ipam("default", network.ipamOptions().map(TreeMap::new).orElse(null), network.ranges().stream().map(NetworkView::range).toList());
    }

    /** A gateway that the engine chose for a subnet that a client chose is not shown, as in the reference. */
    private static Ipam.Range range(AddressRange range) {
        Map<String, String> auxiliary = new TreeMap<>();
        range.auxiliary().forEach((name, address) -> auxiliary.put(name, address.toString()));
        return new Ipam.Range(range.subnet().toString(), range.range().map(Object::toString).orElse(""),
                range.gateway().filter(address -> range.gatewayChosen() || !range.subnetChosen()).map(IpAddress::toString).orElse(""), auxiliary);
    }

    private static Map<String, InspectNetwork.Member> containers(List<NetworkMembers.Member> members) {
        Map<String, InspectNetwork.Member> shown = new LinkedHashMap<>();
        members.forEach(member -> shown.put(member.containerId(), member(member)));
        return shown;
    }

    private static InspectNetwork.Member member(NetworkMembers.Member member) {
        Endpoint endpoint = member.endpoint();
        return new InspectNetwork.Member(member.name(), endpoint.id().hex(), endpoint.place().map(place -> place.mac().toString()).orElse(""),
                address(endpoint, IpFamily.V4), address(endpoint, IpFamily.V6));
    }

    private static String address(Endpoint endpoint, IpFamily family) {
        return endpoint.place().flatMap(place -> place.assigned(family)).map(assigned -> assigned.address() + "/" + assigned.prefixLength()).orElse("");
    }
}
