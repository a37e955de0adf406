package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.TransportProtocol;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Ports to publish, from {@code -p}, {@code --expose} and {@code -P}. */
public final class PortOptions {

    /** A container's port as the API names it, {@code 80/tcp}. */
    public record Port(int number, TransportProtocol protocol) {

        /** @throws ApiException unless it is a port number, perhaps with a protocol */
        public static Port parse(String text) {
            String[] parts = text.split("/", 2);
            try {
                return new Port(port(parts[0]), TransportProtocol.parse(parts.length == 2 && !parts[1].isEmpty() ? parts[1] : "tcp"));
            } catch (IllegalArgumentException invalid) {
                throw ApiException.invalid("invalid port specification: \"" + text + "\"");
            }
        }

        @Override
        public String toString() {
            return number + "/" + protocol;
        }
    }

    private PortOptions() {
    }

    static List<PortBinding> bindings(ContainerConfig config, HostConfig host) {
        List<PortBinding> bindings = new ArrayList<>();
        host.portBindings.forEach((key, wanted) -> {
            Port port = Port.parse(key);
            io.berth.api.wire.container.PortBinding anywhere = new io.berth.api.wire.container.PortBinding("", "");
            List<io.berth.api.wire.container.PortBinding> places = wanted == null || wanted.isEmpty() ? List.of(anywhere) : wanted;
            places.forEach(place -> bindings.add(binding(port, place == null ? anywhere : place)));
        });
        if (host.publishAllPorts) {
            for (Port port : exposed(config)) {
                if (bindings.stream().noneMatch(b -> b.containerPort() == port.number() && b.protocol() == port.protocol())) {
                    bindings.add(PortBinding.everywhere(port.protocol(), port.number(), 0));
                }
            }
        }
        return List.copyOf(bindings);
    }

    public static Set<Port> exposed(ContainerConfig config) {
        Set<Port> ports = new LinkedHashSet<>();
        config.exposedPorts.keySet().forEach(key -> ports.add(Port.parse(key)));
        return ports;
    }

    private static PortBinding binding(Port port, io.berth.api.wire.container.PortBinding place) {
        try {
            Optional<IpAddress> address = Optional.ofNullable(place.hostIp()).filter(text -> !text.isEmpty()).map(IpAddress::parse);
            String wanted = place.hostPort() == null ? "" : place.hostPort();
            if (wanted.contains("-")) {
                String[] range = wanted.split("-", 2);
                return new PortBinding(port.protocol(), port.number(), address, port(range[0]), port(range[1]));
            }
            int number = wanted.isEmpty() ? 0 : hostPort(wanted);
            return new PortBinding(port.protocol(), port.number(), address, number, number);
        } catch (IllegalArgumentException invalid) {
            throw ApiException.invalid("invalid port binding for " + port + ": " + place.hostIp() + ":" + place.hostPort()
                    + ": the host's address is an IP address, its port a number or a range of numbers");
        }
    }

    private static int port(String text) {
        int number = Integer.parseInt(text);
        if (number < 1 || number > 65535) {
            throw new IllegalArgumentException("not a port: " + text);
        }
        return number;
    }

    private static int hostPort(String text) {
        return text.equals("0") ? 0 : port(text);
    }

}
