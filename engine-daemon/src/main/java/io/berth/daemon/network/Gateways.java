package io.berth.daemon.network;

import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.definition.BridgeOptions;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.PortTarget;
import io.berth.daemon.network.sandbox.Place;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which of a container's places have its default routes, each family for itself: of those that lead out the one with the
 * highest priority, among equals the first by the network's name, as in the reference. Published ports lead there too.
 */
record Gateways(Map<IpFamily, Candidate> chosen) {

    /** A place on a network. */
    record Candidate(LiveNetwork network, Place place) {
    }

    static Gateways among(Collection<Candidate> candidates) {
        Map<IpFamily, Candidate> chosen = new EnumMap<>(IpFamily.class);
        for (IpFamily family : IpFamily.values()) {
            candidates.stream().filter(candidate -> candidate.network().leadsOut(candidate.place(), family))
                    .min(Comparator.comparingInt((Candidate candidate) -> -candidate.place().gatewayPriority())
                            .thenComparing(candidate -> candidate.network().definition().name()))
                    .ifPresent(first -> chosen.put(family, first));
        }
        return new Gateways(chosen);
    }

    Optional<Candidate> of(IpFamily family) {
        return Optional.ofNullable(chosen.get(family));
    }

    /** The families whose default route leads through this place. */
    List<IpFamily> through(Place place) {
        return chosen.entrySet().stream().filter(entry -> entry.getValue().place() == place).map(Map.Entry::getKey).toList();
    }

    PortTarget target() {
        return new PortTarget(destination(IpFamily.V4), destination(IpFamily.V6));
    }

    /** Only a bridge can publish. */
    private Optional<PortTarget.Destination> destination(IpFamily family) {
        return of(family).filter(candidate -> candidate.network().definition().driver() == Driver.BRIDGE).map(candidate ->
                new PortTarget.Destination(candidate.place().assigned(family).orElseThrow().address(), options(candidate).mode(family)));
    }

    /** Those that say nothing about the host's address get the one that the network says. */
    List<PortBinding> completed(List<PortBinding> bindings) {
        return of(IpFamily.V4).filter(candidate -> candidate.network().definition().driver() == Driver.BRIDGE)
                .flatMap(candidate -> options(candidate).hostBinding())
                .map(address -> bindings.stream().map(binding -> binding.hostAddress().isPresent() ? binding : new PortBinding(binding.protocol(),
                        binding.containerPort(), Optional.of(address), binding.firstHostPort(), binding.lastHostPort())).toList())
                .orElse(bindings);
    }

    private static BridgeOptions options(Candidate candidate) {
        NetworkDefinition definition = candidate.network().definition();
        return BridgeOptions.of(definition.options(), definition.internal());
    }
}
