package io.berth.daemon.boot;

import io.berth.api.http.Endpoint;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jnr.posix.Group;
import jnr.posix.POSIXFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the hosts that were asked for to the places where the server is to listen. */
final class Listening {

    /** Where clients look that were told nothing; {@code /var/run} is a link to {@code /run}. */
    static final Path DOCKER_SOCKET = Path.of("/run/docker.sock");

    private static final Logger LOG = LoggerFactory.getLogger(Listening.class);
    private static final int UNCHANGED = -1;

    private Listening() {
    }

    /** @throws SettingsException when the sockets' group does not exist */
    static List<Endpoint> endpoints(Settings settings) {
        int group = settings.group().map(Listening::groupId).orElse(UNCHANGED);
        List<Endpoint> endpoints = new ArrayList<>(settings.hosts().stream().map(host -> endpoint(host, group)).toList());
        if (settings.dockerSocket()) {
            if (isServed(DOCKER_SOCKET)) {
                LOG.info("another engine serves {}: point clients at {}", DOCKER_SOCKET, settings.hosts().getFirst());
            } else {
                endpoints.add(new Endpoint.Unix(DOCKER_SOCKET, group));
            }
        }
        return endpoints;
    }

    private static Endpoint endpoint(HostAddress host, int group) {
        return switch (host) {
            case HostAddress.Unix unix -> new Endpoint.Unix(unix.path(), group);
            case HostAddress.Tcp tcp -> {
                LOG.warn("{} is open to everybody who can reach it, and whoever reaches it is root here", tcp);
                yield new Endpoint.Tcp(tcp.address(), tcp.port());
            }
        };
    }

    /** Whether somebody answers on a socket; a file that a dead server left does not count. */
    static boolean isServed(Path socket) {
        if (!Files.exists(socket)) {
            return false;
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException refused) {
            return false;
        }
    }

    /** A group's number; names are looked up by the C library, which also knows those that are not in /etc/group. */
    static int groupId(String group) {
        if (group.matches("[0-9]{1,9}")) {
            return Integer.parseInt(group);
        }
        // Loads jnr-ffi and its class generator, a tenth of a second: only who names a group pays for it.
        Group found = POSIXFactory.getNativePOSIX().getgrnam(group);
        return Optional.ofNullable(found).map(entry -> (int) entry.getGID()).orElseThrow(() -> new SettingsException(
                "there is no group \"" + group + "\" to give the sockets to: create it or choose another --group"));
    }
}
