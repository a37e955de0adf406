package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.definition.NetworkKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a container is connected, from {@code --network}, {@code docker network connect} and what goes with them. */
public final class NetworkOptions {

    private NetworkOptions() {
    }

    /** The name of the network that a client means by a mode or by the key of an endpoint: {@code default} is the bridge. */
    public static String networkName(String text) {
        return text.isEmpty() || text.equals("default") ? NetworkKind.BRIDGE.toString() : text;
    }

    /** Whether containers find each other there by name, and may choose aliases and addresses. */
    public static boolean isUserDefined(String network) {
        return NetworkKind.named(networkName(network)).isEmpty();
    }

    static ContainerSpec.Networking compile(Definition definition) {
        HostConfig host = definition.hostConfig();
        NetworkMode mode = definition.config().networkDisabled ? new NetworkMode.Own() : NetworkMode.parse(host.networkMode);
        return new ContainerSpec.Networking(mode, attachments(definition), PortOptions.bindings(definition.config(), host));
    }

    /** Each by its name, and the one of the mode when there is no other. */
    static Map<String, EndpointSettings> complete(Map<String, EndpointSettings> asked, ContainerConfig config, HostConfig host) {
        if (config.networkDisabled || host.networkMode.startsWith(NetworkMode.SHARED)) {
            return Map.of();
        }
        Map<String, EndpointSettings> named = new LinkedHashMap<>();
        asked.forEach((key, settings) -> named.put(networkName(key), settings));
        if (named.isEmpty()) {
            named.put(networkName(host.networkMode), new EndpointSettings());
        }
        return named;
    }

    /** In the order of their links: by priority, then the one of the mode, then by name. */
    private static List<Attachment> attachments(Definition definition) {
        if (definition.config().networkDisabled) {
            return List.of(attachment(NetworkKind.NONE.toString(), new EndpointSettings(), ""));
        }
        String ofMode = networkName(definition.hostConfig().networkMode);
        List<Attachment> attachments = new ArrayList<>();
        definition.networks().forEach((name, settings) ->
                attachments.add(attachment(name, settings, name.equals(ofMode) ? definition.config().macAddress : "")));
        attachments.sort(Comparator.comparing(Attachment::gatewayPriority).reversed()
                .thenComparing(attachment -> !attachment.network().equals(ofMode)).thenComparing(Attachment::network));
        return List.copyOf(attachments);
    }

    /**
     * @param mac of the container, for older clients, where the endpoint has none of its own
     * @throws ApiException when something in it cannot be read
     */
    public static Attachment attachment(String network, EndpointSettings settings, String mac) {
        EndpointSettings.IpamConfig asked = settings.ipamConfig == null ? new EndpointSettings.IpamConfig("", "", List.of()) : settings.ipamConfig;
        return new Attachment(network, given(settings.networkId).map(NetworkId::new),
                given(settings.macAddress.isEmpty() ? mac : settings.macAddress).map(NetworkOptions::macAddress),
                given(asked.ipv4Address()).map(text -> address(text, IpFamily.V4)), given(asked.ipv6Address()).map(text -> address(text, IpFamily.V6)),
                asked.linkLocalIps() == null ? List.of() : asked.linkLocalIps().stream().map(NetworkOptions::linkLocal).toList(),
                settings.aliases, links(settings.links), settings.driverOpts, settings.gwPriority);
    }

    /**
     * What a container that has these links in a user-defined network calls others, by alias; of two links by one alias the last counts, and
     * one without an alias is none, as in the reference engine.
     *
     * @throws ApiException see {@link Link#parse}
     */
    static Map<String, String> links(List<String> texts) {
        Map<String, String> links = new LinkedHashMap<>();
        texts.stream().map(Link::parse).filter(link -> !link.alias().isEmpty() && !link.target().isEmpty()).forEach(link ->
                links.put(link.alias(), ContainerId.isOne(link.target()) ? new ContainerId(link.target()).shortForm() : link.target()));
        return links;
    }

    private static Optional<String> given(String text) {
        return Optional.ofNullable(text).filter(value -> !value.isEmpty());
    }

    /** @throws ApiException for a resolver, or a line of hosts, whose address is none, in the reference's words */
    public static void requireAddresses(HostConfig host) {
        for (String server : host.dns) {
            if (find(server, IpFamily.V4).isEmpty() && find(server, IpFamily.V6).isEmpty()) {
                throw ApiException.invalid("bad nameserver address " + server);
            }
        }
        for (String extra : host.extraHosts) {
            String address = extra.substring(extra.indexOf(':') + 1);
            if (extra.indexOf(':') > 0 && !address.equals("host-gateway") && find(address, IpFamily.V4).isEmpty() && find(address, IpFamily.V6).isEmpty()) {
                throw ApiException.invalid("invalid IP address in add-host: \"" + address + "\"");
            }
        }
    }

    /** @throws ApiException in the reference's words */
    public static MacAddress macAddress(String text) {
        try {
            return MacAddress.parse(text);
        } catch (IllegalArgumentException invalid) {
            throw ApiException.invalid("invalid MAC address " + text);
        }
    }

    /** The address of a text, if it is one of that family. */
    public static Optional<IpAddress> find(String text, IpFamily family) {
        try {
            return Optional.of(IpAddress.parse(text)).filter(address -> address.family() == family);
        } catch (IllegalArgumentException invalid) {
            return Optional.empty();
        }
    }

    private static IpAddress address(String text, IpFamily family) {
        return find(text, family).orElseThrow(() -> ApiException.invalid("invalid " + family + " address: " + text));
    }

    private static IpAddress linkLocal(String text) {
        return find(text, IpFamily.V4).or(() -> find(text, IpFamily.V6)).orElseThrow(() -> ApiException.invalid("invalid link-local IP address: " + text));
    }

    /** Under which names others find a container in a user-defined network, in the reference's order. */
    public static List<String> dnsNames(Definition definition, List<String> aliases) {
        List<String> names = new ArrayList<>(List.of(definition.name()));
        names.addAll(aliases);
        names.addAll(List.of(definition.containerId().shortForm(), definition.config().hostname));
        return names.stream().filter(name -> !name.isEmpty()).distinct().toList();
    }
}
