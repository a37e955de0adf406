package io.berth.daemon.container;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.linux.file.BytePath;
import io.berth.linux.mount.MountSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files {@code /etc/hosts}, {@code /etc/hostname} and {@code /etc/resolv.conf} of a container, written at each start. */
final class NetworkFiles {

    private static final Path HOST_RESOLV = Path.of("/etc/resolv.conf");
    /** The list behind systemd-resolved's stub, which containers cannot reach. */
    private static final Path RESOLVED_RESOLV = Path.of("/run/systemd/resolve/resolv.conf");
    private static final List<String> PUBLIC_RESOLVERS = List.of("8.8.8.8", "8.8.4.4");

    private static final String HOSTS = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private final Path directory;

    NetworkFiles(Path directory) {
        this.directory = directory;
    }

    Path hosts() {
        return directory.resolve("hosts");
    }

    Path hostname() {
        return directory.resolve("hostname");
    }

    Path resolvConf() {
        return directory.resolve("resolv.conf");
    }

    /**
     * Writes them and returns their mounts.
     *
     * @param linked lines for the containers it is linked to
     */
    List<MountSpec> write(ContainerSpec spec, Optional<Sandbox> sandbox, String linked) {
        try {
            Files.writeString(hostname(), spec.host().hostname() + "\n");
            Files.writeString(hosts(), hosts(spec, sandbox, linked));
            Files.writeString(resolvConf(), resolvConf(spec));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot write the network files of a container in " + directory, failure);
        }
        return mounts(spec);
    }

    /** The mounts of those that an earlier start has written. */
    List<MountSpec> written(ContainerSpec spec) {
        return Files.exists(hosts()) ? mounts(spec) : List.of();
    }

    private List<MountSpec> mounts(ContainerSpec spec) {
        boolean readOnly = spec.files().readOnlyRoot(); // they are files of the root, whatever they are made of
        return List.of(mount(resolvConf(), "/etc/resolv.conf", readOnly), mount(hostname(), "/etc/hostname", readOnly),
                mount(hosts(), "/etc/hosts", readOnly));
    }

    private static MountSpec mount(Path file, String destination, boolean readOnly) {
        return new MountSpec.Bind(BytePath.of(file.toString()), BytePath.of(destination), readOnly, false);
    }

    private static String hosts(ContainerSpec spec, Optional<Sandbox> sandbox, String linked) throws IOException {
        StringBuilder text = new StringBuilder(spec.networking().kind() == NetworkKind.HOST ? Files.readString(Path.of("/etc/hosts")) : HOSTS);
        for (String extra : spec.host().extraHosts()) {
            int colon = extra.indexOf(':');
            String address = extra.substring(colon + 1);
            String gateway = sandbox.flatMap(NetworkFiles::gateway).map(IpAddress::toString).orElse("127.0.0.1");
            text.append(address.equals("host-gateway") ? gateway : address).append('\t').append(extra, 0, colon).append('\n');
        }
        text.append(linked);
        sandbox.ifPresent(connected -> connected.endpoints().forEach(endpoint -> endpoint.place().ifPresent(place -> place.assigned()
                .forEach(assigned -> text.append(assigned.address()).append('\t').append(names(spec.host())).append('\n')))));
        return text.toString();
    }

    private static Optional<IpAddress> gateway(Sandbox sandbox) {
        return sandbox.endpoints().stream().flatMap(endpoint -> endpoint.place().stream()).flatMap(place -> place.ipv4().stream())
                .flatMap(assigned -> assigned.gateway().stream()).findFirst();
    }

    /** The name with its domain, wherever that was given, and the bare one. */
    private static String names(ContainerSpec.Host host) {
        String full = host.domainname().isEmpty() ? host.hostname() : host.hostname() + "." + host.domainname();
        int dot = full.indexOf('.');
        return dot < 0 ? full : full + " " + full.substring(0, dot);
    }

    private static String resolvConf(ContainerSpec spec) throws IOException {
        ContainerSpec.Host host = spec.host();
        List<String> lines = hostLines();
        boolean own = spec.networking().kind() == NetworkKind.HOST;
        List<String> servers = new ArrayList<>(host.dns());
        List<String> result = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            boolean overridden = words[0].equals("search") && !host.dnsSearch().isEmpty()
                    || words[0].equals("options") && !host.dnsOptions().isEmpty();
            if (words[0].equals("nameserver") && words.length > 1) {
                if (host.dns().isEmpty() && (own || !isLoopback(words[1]))) {
                    servers.add(words[1]);
                }
            } else if (!overridden && !words[0].isEmpty() && !words[0].startsWith("#")) {
                result.add(line.strip());
            }
        }
        (servers.isEmpty() && !own ? PUBLIC_RESOLVERS : servers).forEach(server -> result.add("nameserver " + server));
        if (!host.dnsSearch().isEmpty() && !host.dnsSearch().equals(List.of("."))) {
            result.add("search " + String.join(" ", host.dnsSearch()));
        }
        if (!host.dnsOptions().isEmpty()) {
            result.add("options " + String.join(" ", host.dnsOptions()));
        }
        return String.join("\n", result) + "\n";
    }

    private static List<String> hostLines() throws IOException {
        if (!Files.exists(HOST_RESOLV)) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(HOST_RESOLV);
        boolean stub = lines.stream().anyMatch(line -> line.strip().equals("nameserver 127.0.0.53"));
        return stub && Files.exists(RESOLVED_RESOLV) ? Files.readAllLines(RESOLVED_RESOLV) : lines;
    }

    private static boolean isLoopback(String server) {
        return server.startsWith("127.") || server.equals("::1");
    }
}
