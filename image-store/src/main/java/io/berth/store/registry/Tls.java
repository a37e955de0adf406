package io.berth.store.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whom a connection trusts, and how it shows itself.
 *
 * @param authorities files of certificates to trust besides the machine's
 * @param clients certificates to show when a server asks for one
 * @param anybody whether any certificate will do
 * @param written when the files were last changed: what was made of older ones is not used for new connections
 */
record Tls(List<Path> authorities, List<Client> clients, boolean anybody, long written) {

    static final Tls DEFAULT = new Tls(List.of(), List.of(), false, 0);
    static final Tls ANYBODY = new Tls(List.of(), List.of(), true, 0);

    /** PEM files; both may be the same. */
    record Client(Path certificate, Path key) {}

    static Tls of(List<Path> authorities, List<Client> clients, boolean anybody) {
        long written = Stream.concat(authorities.stream(), clients.stream().flatMap(client -> Stream.of(client.certificate, client.key)))
                .mapToLong(Tls::written).max().orElse(0);
        return new Tls(authorities, clients, anybody, written);
    }

    private static long written(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException missing) {
            // Its reader says so.
            return 0;
        }
    }
}
