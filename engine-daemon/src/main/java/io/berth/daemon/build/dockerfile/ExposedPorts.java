package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code EXPOSE 80 8000-8010/udp}: to single ports with their protocols. */
final class ExposedPorts {

    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");
    private static final int HIGHEST = 65535;

    /** Told of what is accepted but will not be for ever. */
    interface Complaints {
        void report(Check check, String message);
    }

    private record Range(int first, int last) {
        int size() {
            return last - first;
        }
    }

    private ExposedPorts() {
    }

    /** @throws DockerfileException with the reference's reason */
    static List<String> of(List<String> written, Complaints complaints) {
        List<String> ports = new ArrayList<>();
        for (String port : written) {
            add(ports, port, complaints);
            if (ports.size() > Bounds.PORTS) {
                throw failure("expose: more than " + Bounds.PORTS + " ports are asked for");
            }
        }
        return ports;
    }

    private static void add(List<String> ports, String written, Complaints complaints) {
        String[] parts = written.split(":", -1);
        String host = parts.length < 2 ? "" : parts[parts.length - 2];
        String address = parts.length < 3 ? "" : written.substring(0, written.length() - parts[parts.length - 1].length() - host.length() - 2);
        String[] container = parts[parts.length - 1].split("/", 2);
        String protocol = container.length < 2 || container[1].isEmpty() ? "tcp" : container[1];
        if (container[0].isEmpty()) {
            throw failure("invalid port: " + Quoted.of(written) + ": no port specified");
        }
        if (!PROTOCOLS.contains(protocol.toLowerCase(Locale.ROOT))) {
            throw failure("invalid port: " + Quoted.of(written) + ": invalid proto: " + protocol);
        }
        if (!protocol.equals(protocol.toLowerCase(Locale.ROOT))) {
            complaints.report(Check.EXPOSE_PROTO_CASING, "Defined protocol '" + written + "' in EXPOSE instruction should be lowercase");
        }
        if (!address.isEmpty() || !host.isEmpty()) {
            complaints.report(Check.EXPOSE_INVALID_FORMAT,
                    "EXPOSE instruction should not define an IP address or host-port mapping, found '" + written + "'");
        }
        checkAddress(address);
        Range range = range(container[0], "containerPort");
        if (!host.isEmpty()) {
            Range onHost = range(host, "hostPort");
            if (onHost.size() != range.size() && range.size() != 0) {
                throw failure("invalid ranges specified for container and host Ports: " + container[0] + " and " + host);
            }
        }
        for (int port = range.first; port <= range.last; port++) {
            ports.add(port + "/" + protocol.toLowerCase(Locale.ROOT));
        }
    }

    private static void checkAddress(String written) {
        String address = written.startsWith("[") && written.endsWith("]") ? written.substring(1, written.length() - 1) : written;
        boolean valid = address.isEmpty() || IPV4.matcher(address).matches() || address.contains(":") && address.matches("[0-9A-Fa-f:.]+");
        if (!valid) {
            throw failure("invalid IP address: " + address);
        }
    }

    private static Range range(String text, String what) {
        String[] ends = text.split("-", 2);
        int first = number(ends[0]);
        int last = ends.length < 2 ? first : number(ends[1]);
        if (first < 0 || last < first) {
            throw failure("invalid " + what + ": " + text);
        }
        return new Range(first, last);
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > HIGHEST) {
            return -1;
        }
        return Integer.parseInt(text);
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }
}
