package io.berth.store.registry;

import io.berth.store.content.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real registry on this machine: the program of Debian's package docker-registry, with its data below a directory of the
 * test's. For tests of every module; where the program is missing, {@link #program} is empty and tests skip themselves.
 */
public final class TestRegistry implements AutoCloseable {

    public static final String USER = "tester";
    public static final String PASSWORD = "secret";
    /** The program takes bcrypt only; this is of that password, with the least work. */
    private static final String HTPASSWD = USER + ":$2b$04$UtezMKfbpQ1SXUUKjQvK.up1lijQkhI7FNrOKDAG33kkrq40DsmsK\n";
    private static final Pattern LISTENING = Pattern.compile("listening on ([0-9.]+:[0-9]+)");
    /** A line of its access log, in Apache's format. */
    private static final Pattern REQUEST = Pattern.compile("(?m)^[0-9.]+ - \\S+ \\[[^]]*] \"([A-Z]+ \\S+) HTTP/");
    private static final Duration START = Duration.ofSeconds(20);

    private final Process process;
    private final String address;
    private final Path data;
    private final Path log;

    private TestRegistry(Process process, String address, Path data, Path log) {
        this.process = process;
        this.address = address;
        this.data = data;
        this.log = log;
    }

    /**
     * How it proves who asks, and itself.
     *
     * @param address to listen on
     */
    public record Options(boolean htpasswd, Optional<TestAuthority.Server> tls, Optional<TokenAuth> token, String address) {

        private static final String LOOPBACK = "127.0.0.1";
        public static final Options PLAIN = new Options(false, Optional.empty(), Optional.empty(), LOOPBACK);
        public static final Options HTPASSWD = new Options(true, Optional.empty(), Optional.empty(), LOOPBACK);

        public static Options tls(TestAuthority.Server certificate) {
            return new Options(false, Optional.of(certificate), Optional.empty(), LOOPBACK);
        }

        public static Options token(TokenAuth token) {
            return new Options(false, Optional.empty(), Optional.of(token), LOOPBACK);
        }

        /** On another address, of the network namespace that it is run in. */
        public Options at(String other) {
            return new Options(htpasswd, tls, token, other);
        }
    }

    /**
     * Whose tokens it takes.
     *
     * @param certificate of the server's key
     */
    public record TokenAuth(String realm, String service, String issuer, Path certificate) {}

    /** Where the program is: BERTH_REGISTRY, on PATH, or where {@code ./dev} unpacks packages. */
    public static Optional<Path> program() {
        Stream<String> named = Stream.ofNullable(System.getenv("BERTH_REGISTRY"));
        Stream<String> onPath = Arrays.stream(System.getenv("PATH").split(":")).map(directory -> directory + "/docker-registry");
        Stream<String> unpacked = Stream.of("../target/tools/usr/bin/docker-registry");
        return Stream.of(named, onPath, unpacked).flatMap(paths -> paths).map(Path::of).filter(Files::isExecutable).findFirst();
    }

    /** Returns when it serves, on a free port. */
    public static TestRegistry start(Path directory, Options options) throws IOException {
        return start(directory, options, UnaryOperator.identity());
    }

    /** @param enter what a command becomes to be run in another network namespace */
    public static TestRegistry start(Path directory, Options options, UnaryOperator<List<String>> enter) throws IOException {
        Path data = Files.createTempDirectory(directory, "registry-");
        Path configuration = Files.writeString(data.resolve("config.yml"), configuration(data, options));
        Path log = data.resolve("log");
        Process process = new ProcessBuilder(enter.apply(List.of(program().orElseThrow().toString(), "serve", configuration.toString())))
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            return new TestRegistry(process, awaitAddress(process, log), data.resolve("data"), log);
        } catch (IOException | RuntimeException failure) {
            end(process);
            throw failure;
        }
    }

    /** The kernel chooses the port, and the program tells it. */
    private static String awaitAddress(Process process, Path log) throws IOException {
        Instant end = Instant.now().plus(START);
        while (true) {
            Matcher listening = LISTENING.matcher(Files.readString(log));
            if (listening.find()) {
                return listening.group(1);
            }
            if (!process.isAlive() || Instant.now().isAfter(end)) {
                throw new IOException("the registry did not start: " + Files.readString(log));
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    private static String configuration(Path data, Options options) throws IOException {
        StringBuilder text = new StringBuilder("""
                version: 0.1
                log: {level: info, accesslog: {disabled: false}}
                storage: {delete: {enabled: true}, filesystem: {rootdirectory: %s}}
                """.formatted(data.resolve("data")));
        text.append("http: {secret: test, addr: \"").append(options.address()).append(":0\"");
        options.tls().ifPresent(tls -> text.append(", tls: {certificate: ").append(tls.certificate()).append(", key: ").append(tls.key()).append('}'));
        text.append("}\n");
        if (options.htpasswd()) {
            Path users = Files.writeString(data.resolve("htpasswd"), HTPASSWD);
            text.append("auth: {htpasswd: {realm: basic-realm, path: ").append(users).append("}}\n");
        }
        options.token().ifPresent(token -> text.append("auth: {token: {realm: \"%s\", service: \"%s\", issuer: \"%s\", rootcertbundle: %s}}%n"
                .formatted(token.realm(), token.service(), token.issuer(), token.certificate())));
        return text.toString();
    }

    /** {@code ADDRESS:PORT}. */
    public String address() {
        return address;
    }

    /** What it has been asked since its start, each as {@code GET /v2/app/manifests/1}: it writes down what it has answered. */
    public List<String> requests() {
        try {
            return REQUEST.matcher(Files.readString(log)).results().map(request -> request.group(1)).toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Puts an image into it behind its back, as its program stores them: without a client that can push. */
    public void put(String repository, String tag, byte[] manifest, List<byte[]> blobs) throws IOException {
        Path root = data.resolve("docker/registry/v2");
        Path known = root.resolve("repositories").resolve(repository);
        for (byte[] blob : blobs) {
            link(known.resolve("_layers/sha256/" + store(root, blob)), blob);
        }
        String hex = store(root, manifest);
        link(known.resolve("_manifests/revisions/sha256/" + hex), manifest);
        link(known.resolve("_manifests/tags/" + tag + "/index/sha256/" + hex), manifest);
        link(known.resolve("_manifests/tags/" + tag + "/current"), manifest);
    }

    private static String store(Path root, byte[] content) throws IOException {
        String hex = Digest.of(content).hex();
        Files.write(Files.createDirectories(root.resolve("blobs/sha256/" + hex.substring(0, 2) + '/' + hex)).resolve("data"), content);
        return hex;
    }

    private static void link(Path directory, byte[] to) throws IOException {
        Files.writeString(Files.createDirectories(directory).resolve("link"), Digest.of(to).toString());
    }

    @Override
    public void close() {
        end(process);
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
