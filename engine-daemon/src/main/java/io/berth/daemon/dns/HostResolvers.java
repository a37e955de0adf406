package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The servers that the host asks itself, from its resolv.conf. They are asked from the host's network, so those on its loopback will do
 * as well. The file is read again when it has changed, which is looked at once a second: a laptop that moves to another network
 * takes its containers along. On one thread.
 */
final class HostResolvers {

    private static final Path HOST = Path.of("/etc/resolv.conf");
    /** The list behind systemd-resolved's stub, which does not tell containers' queries from the host's own. */
    private static final Path RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");
    private static final String STUB = "127.0.0.53";
    /** When the host names none, as the reference. */
    private static final List<Upstream> PUBLIC = List.of(new Upstream(IpAddress.parse("8.8.8.8"), true),
            new Upstream(IpAddress.parse("8.8.4.4"), true));
    private static final long LOOK_AGAIN_NANOS = 1_000_000_000;

    private final Path file;
    private final Path behindStub;
    private List<Upstream> servers = List.of();
    private List<Optional<FileTime>> read = List.of();
    private long looked;

    HostResolvers() {
        this(HOST, RESOLVED);
    }

    HostResolvers(Path file, Path behindStub) {
        this.file = file;
        this.behindStub = behindStub;
    }

    List<Upstream> servers() {
        long now = System.nanoTime();
        if (read.isEmpty() || now - looked > LOOK_AGAIN_NANOS) {
            looked = now;
            List<Optional<FileTime>> times = List.of(time(file), time(behindStub));
            if (!times.equals(read)) {
                servers = readServers();
                read = times;
            }
        }
        return servers;
    }

    private static Optional<FileTime> time(Path path) {
        try {
            return Optional.of(Files.getLastModifiedTime(path));
        } catch (IOException missing) {
            return Optional.empty();
        }
    }

    private List<Upstream> readServers() {
        List<String> own = nameservers(file);
        List<String> behind = own.equals(List.of(STUB)) ? nameservers(behindStub) : List.of();
        List<Upstream> found = new ArrayList<>();
        for (String server : behind.isEmpty() ? own : behind) {
            try {
                found.add(new Upstream(IpAddress.parse(server), true));
            } catch (IllegalArgumentException noAddress) {
                // one with a zone (fe80::1%eth0), or what the C library passes over as well
                continue;
            }
        }
        return found.isEmpty() ? PUBLIC : List.copyOf(found);
    }

    private static List<String> nameservers(Path path) {
        try {
            return Files.readAllLines(path).stream().map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length > 1 && words[0].equals("nameserver")).map(words -> words[1]).toList();
        } catch (IOException missing) {
            return List.of();
        }
    }
}
