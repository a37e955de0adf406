package io.berth.store.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory that an operator made for a registry, below certs.d: in Docker's layout (*.crt are authorities to trust, *.cert with
 * *.key certificates to show) or in containerd's (a hosts.toml).
 */
record HostDirectory(Path path) {

    private static final String DEFAULT = "_default";

    /** The first there is, for the names of a registry in their order; {@code HOST_PORT_} is containerd's other spelling. */
    static Optional<HostDirectory> find(List<Path> parents, List<String> names) {
        return parents.stream().flatMap(parent -> Stream.concat(names.stream().flatMap(HostDirectory::spellings), Stream.of(DEFAULT))
                .map(parent::resolve)).filter(Files::isDirectory).findFirst().map(HostDirectory::new);
    }

    private static Stream<String> spellings(String name) {
        return name.matches(".*:[0-9]+") ? Stream.of(name, name.replaceFirst(":([0-9]+)$", "_$1_")) : Stream.of(name);
    }

    Optional<Path> hostsFile() {
        return Optional.of(path.resolve("hosts.toml")).filter(Files::exists);
    }

    /** What Docker's layout says. */
    Tls certificates(boolean anybody) {
        List<Path> authorities = files(".crt");
        List<Tls.Client> clients = files(".cert").stream().map(this::client).toList();
        for (Path key : files(".key")) {
            require(key, Path.of(key.toString().replaceFirst("\\.key$", ".cert")), "missing client certificate %s for key %s");
        }
        return Tls.of(authorities, clients, anybody);
    }

    private Tls.Client client(Path certificate) {
        Path key = Path.of(certificate.toString().replaceFirst("\\.cert$", ".key"));
        require(certificate, key, "missing key %s for client certificate %s. CA certificates must use the extension .crt");
        return new Tls.Client(certificate, key);
    }

    private static void require(Path one, Path other, String message) {
        if (!Files.exists(other)) {
            throw new RegistryException(RegistryException.Kind.UNAVAILABLE, message.formatted(other.getFileName(), one.getFileName()));
        }
    }

    private List<Path> files(String suffix) {
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> file.getFileName().toString().endsWith(suffix)).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException("read " + path, failure);
        }
    }
}
