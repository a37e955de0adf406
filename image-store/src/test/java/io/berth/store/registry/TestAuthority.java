package io.berth.store.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certificate authority of the test's own, made by openssl. */
public final class TestAuthority {

    /** A key and its certificate, for a server or a client. */
    public record Server(Path certificate, Path key) {}

    private final Path directory;

    private TestAuthority(Path directory) {
        this.directory = directory;
    }

    public static TestAuthority make(Path directory) throws IOException {
        openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj",
                "/CN=authority of a test", "-keyout", "ca.key", "-out", "ca.crt");
        return new TestAuthority(directory);
    }

    /** What whoever trusts this authority has to read. */
    public Path certificate() {
        return directory.resolve("ca.crt");
    }

    /** @param names as openssl takes them: {@code IP:127.0.0.1}, {@code DNS:example.test} */
    public Server server(String name, String names) throws IOException {
        Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=" + names + "\n");
        openssl(directory, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr");
        openssl(directory, "x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
                "-out", name + ".crt", "-extfile", name + ".ext");
        return new Server(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
    }

    static void openssl(Path directory, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            throw new IOException(interrupted);
        }
    }
}
