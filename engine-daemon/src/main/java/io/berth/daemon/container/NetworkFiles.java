package io.berth.daemon.container;

import io.berth.daemon.network.address.IpFamily;
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
    /** What stands for the host's address in {@code --add-host}. */
    private static final String HOST_GATEWAY = "host-gateway";

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
     * @param daemon what the daemon's settings say
     */
    List<MountSpec> write(ContainerSpec spec, Optional<Sandbox> sandbox, String linked, NameDefaults daemon) {
        try {
            Files.writeString(hostname(), spec.host().hostname() + "\n");
            Files.writeString(hosts(), hosts(spec, sandbox, linked, daemon));
            Files.writeString(resolvConf(), resolvConf(spec, sandbox, daemon));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot write the network files of a container in " + directory, failure);
        }
        return mounts(spec);
    }

    /**
     * Brings them to the networks that a running container has now. What the container itself has written into them stays: lines of
     * its own in {@code hosts}, and all of {@code resolv.conf} once it is another than the one that was written.
     */
    void follow(ContainerSpec spec, Sandbox before, Sandbox after, NameDefaults daemon) throws IOException {
        List<String> gone = new ArrayList<>(lines(spec, before));
        List<String> come = new ArrayList<>(lines(spec, after));
        gone.removeAll(lines(spec, after));
        come.removeAll(lines(spec, before));
        HostsFile.replace(hosts(), gone, come);
        String written = resolvConf(spec, Optional.of(before), daemon);
        String wanted = resolvConf(spec, Optional.of(after), daemon);
        if (!written.equals(wanted) && Files.readString(resolvConf()).equals(written)) {
            Files.writeString(resolvConf(), wanted);
        }
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

    private static String hosts(ContainerSpec spec, Optional<Sandbox> sandbox, String linked, NameDefaults daemon) throws IOException {
        StringBuilder text = new StringBuilder(spec.networking().isHost() ? Files.readString(Path.of("/etc/hosts")) : HOSTS);
        for (String extra : spec.host().extraHosts()) {
            int colon = extra.indexOf(':');
            String address = extra.substring(colon + 1);
            for (String known : address.equals(HOST_GATEWAY) ? daemon.hostGateways().get() : List.of(address)) {
                text.append(known).append('\t').append(extra, 0, colon).append('\n');
            }
        }
        text.append(linked);
        sandbox.ifPresent(connected -> lines(spec, connected).forEach(line -> text.append(line).append('\n')));
        return text.toString();
    }

    /** One for each address that it has. */
    private static List<String> lines(ContainerSpec spec, Sandbox sandbox) {
        return sandbox.endpoints().stream().flatMap(endpoint -> endpoint.place().stream()).flatMap(place -> place.assigned().stream())
                .map(assigned -> assigned.address() + "\t" + names(spec.host())).toList();
    }

    /** The name with its domain, wherever that was given, and the bare one. */
    private static String names(ContainerSpec.Host host) {
        String full = host.domainname().isEmpty() ? host.hostname() : host.hostname() + "." + host.domainname();
        int dot = full.indexOf('.');
        return dot < 0 ? full : full + " " + full.substring(0, dot);
    }

    private static String resolvConf(ContainerSpec spec, Optional<Sandbox> sandbox, NameDefaults daemon) throws IOException {
        ContainerSpec.Host host = spec.host();
        ResolvConf.Reader reader = spec.networking().isHost() ? ResolvConf.Reader.HOST_NETWORK
                : sandbox.filter(NetworkFiles::hasResolver).isPresent() ? ResolvConf.Reader.BEHIND_RESOLVER : ResolvConf.Reader.CONTAINER;
        boolean ipv6 = sandbox.stream().flatMap(connected -> connected.endpoints().stream()).anyMatch(endpoint -> endpoint.address(IpFamily.V6).isPresent());
        return ResolvConf.of(hostResolvers(), new ResolvConf.Wishes(host.dns(), host.dnsSearch(), host.dnsOptions()).or(daemon.resolvers()), reader,
                ipv6).text();
    }

    /** The engine resolves names where containers have any: in networks that somebody made. */
    private static boolean hasResolver(Sandbox sandbox) {
        return sandbox.endpoints().stream().anyMatch(endpoint -> !endpoint.names().isEmpty());
    }

    private static ResolvConf.HostResolvers hostResolvers() throws IOException {
        List<String> lines = Files.exists(HOST_RESOLV) ? Files.readAllLines(HOST_RESOLV) : List.of();
        boolean stub = lines.stream().anyMatch(line -> line.strip().equals("nameserver 127.0.0.53"));
        Path read = stub && Files.exists(RESOLVED_RESOLV) ? RESOLVED_RESOLV : HOST_RESOLV;
        return ResolvConf.HostResolvers.parse(read.toString(), read.equals(HOST_RESOLV) ? lines : Files.readAllLines(read));
    }
}
