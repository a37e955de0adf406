package io.berth.daemon.container;

import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.spec.Link;
import io.berth.daemon.spec.PortOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The variables by which a container learns of one that it is linked to: its ports, its names, its own variables. */
final class LinkVariables {

    private static final Set<String> NOT_TOLD = Set.of("HOME", "PATH");
    /** TCP is what most clients look for. */
    private static final Comparator<PortOptions.Port> TCP_FIRST = Comparator
            .comparing((PortOptions.Port port) -> port.protocol() == TransportProtocol.TCP ? "" : port.protocol().toString())
            .thenComparing(PortOptions.Port::number);

    private final String prefix;
    private final String address;
    private final List<String> variables = new ArrayList<>();

    private LinkVariables(String alias, String address) {
        this.prefix = alias.toUpperCase(Locale.ROOT).replace('-', '_');
        this.address = address;
    }

    /**
     * As the reference engine: each port, and each range of ports beside.
     *
     * @param fullName {@code /child/alias}
     * @param exposed the target's ports
     * @param environment the target's variables
     */
    static List<String> of(Link link, String fullName, String address, Collection<PortOptions.Port> exposed, List<String> environment) {
        LinkVariables told = new LinkVariables(link.hostname(), address);
        told.ports(exposed.stream().sorted(TCP_FIRST).toList());
        told.add("_NAME", fullName);
        told.own(environment);
        return List.copyOf(told.variables);
    }

    private void add(String name, String value) {
        variables.add(prefix + name + "=" + value);
    }

    private String url(PortOptions.Port port) {
        return port.protocol() + "://" + address + ":" + port.number();
    }

    private static String name(PortOptions.Port port) {
        return "_PORT_" + port.number() + "_" + port.protocol().toString().toUpperCase(Locale.ROOT);
    }

    private void ports(List<PortOptions.Port> ports) {
        if (ports.isEmpty()) {
            return;
        }
        add("_PORT", url(ports.getFirst()));
        PortOptions.Port first = ports.getFirst();
        PortOptions.Port last = first;
        for (PortOptions.Port port : ports) {
            boolean goesOn = port.number() == last.number() + 1 && port.protocol() == last.protocol();
            if (!goesOn) {
                range(first, last);
                first = port;
            }
            last = port;
            port(port);
        }
        range(first, last);
    }

    private void port(PortOptions.Port port) {
        add(name(port), url(port));
        add(name(port) + "_ADDR", address);
        add(name(port) + "_PORT", Integer.toString(port.number()));
        add(name(port) + "_PROTO", port.protocol().toString());
    }

    private void range(PortOptions.Port first, PortOptions.Port last) {
        if (!first.equals(last)) {
            add(name(first) + "_START", url(first));
            add(name(first) + "_PORT_START", Integer.toString(first.number()));
            add(name(first) + "_END", url(last));
            add(name(first) + "_PORT_END", Integer.toString(last.number()));
        }
    }

    private void own(List<String> environment) {
        for (String variable : environment) {
            int equals = variable.indexOf('=');
            if (equals > 0 && !NOT_TOLD.contains(variable.substring(0, equals))) {
                add("_ENV_" + variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
    }
}
