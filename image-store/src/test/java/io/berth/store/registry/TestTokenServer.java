package io.berth.store.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * The token server beside a {@link TestRegistry}: knows {@link TestRegistry#USER}, who may do everything, and lets everybody else
 * read what is below {@code public/}. Its identity token is {@value #IDENTITY_TOKEN}.
 */
public final class TestTokenServer implements AutoCloseable {

    public static final String IDENTITY_TOKEN = "it-is-me";
    private static final String SERVICE = "a registry, of a test";
    private static final String ISSUER = "test";

    private final HttpServer server;
    private final PrivateKey key;
    private final String chain;
    private final Path authority;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile int lifetime = 300;

    private TestTokenServer(HttpServer server, PrivateKey key, String chain, Path authority) {
        this.server = server;
        this.key = key;
        this.chain = chain;
        this.authority = authority;
    }

    /** An open server of HTTP on this machine's loopback, which does not serve yet. */
    public static HttpServer bind() throws IOException {
        return HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    }

    public static TestTokenServer start(TestAuthority authority) throws IOException {
        return start(authority, bind());
    }

    /** @param server of {@link #bind}, which may have been called in another network namespace */
    public static TestTokenServer start(TestAuthority authority, HttpServer server) throws IOException {
        TestAuthority.Server certificate = authority.server("tokens", "DNS:tokens.test");
        try {
            PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pem(certificate.key())));
            TestTokenServer tokens = new TestTokenServer(server, key, Base64.getEncoder().encodeToString(pem(certificate.certificate())), authority.certificate());
            server.createContext("/token", tokens::answer);
            server.start();
            return tokens;
        } catch (GeneralSecurityException failure) {
            throw new IOException(failure);
        }
    }

    private static byte[] pem(Path file) throws IOException {
        return Base64.getMimeDecoder().decode(Files.readString(file).replaceAll("-----[^-]*-----", ""));
    }

    /** For the options of the registry that takes its tokens. */
    public TestRegistry.TokenAuth auth() {
        return new TestRegistry.TokenAuth("http://127.0.0.1:" + server.getAddress().getPort() + "/token", SERVICE, ISSUER, authority);
    }

    /** From now on tokens end after so many seconds; their client is not told. */
    public void shorten(int seconds) {
        lifetime = seconds;
    }

    /** The scopes that were asked for, one request each. */
    public List<String> asked() {
        return asked;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean post = exchange.getRequestMethod().equals("POST");
            String form = post ? new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8) : exchange.getRequestURI().getRawQuery();
            List<String> scopes = parameters(form, "scope").stream().flatMap(scope -> Arrays.stream(scope.split(" "))).filter(scope -> !scope.isEmpty()).toList();
            asked.add(String.join(" ", scopes));
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            boolean known = post ? parameters(form, "refresh_token").equals(List.of(IDENTITY_TOKEN))
                    : Authorization.basic(new Credentials(TestRegistry.USER, TestRegistry.PASSWORD, "", "")).equals(authorization);
            if (!known && (post || authorization != null)) {
                send(exchange, 401, "{\"details\":\"incorrect username or password\"}");
                return;
            }
            boolean offline = parameters(form, "offline_token").equals(List.of("true"));
            // OAuth2 knows it by another name than distribution's first specification.
            send(exchange, 200, "{\"" + (post ? "access_token" : "token") + "\":\"" + token(scopes, known) + "\",\"expires_in\":300"
                    + (known && offline ? ",\"refresh_token\":\"" + IDENTITY_TOKEN + "\"}" : "}"));
        }
    }

    private static List<String> parameters(String form, String name) {
        return Arrays.stream((form == null ? "" : form).split("&")).filter(pair -> pair.startsWith(name + "="))
                .map(pair -> URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8)).toList();
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** A JSON web token as distribution's registry reads it. */
    private String token(List<String> scopes, boolean known) {
        String access = scopes.stream().map(scope -> scope.split(":")).filter(parts -> parts.length == 3)
                .filter(parts -> known || parts[1].startsWith("public/"))
                .map(parts -> "{\"type\":\"" + parts[0] + "\",\"name\":\"" + parts[1] + "\",\"actions\":["
                        + Arrays.stream((known ? parts[2] : "pull").split(",")).map(action -> '"' + action + '"').collect(Collectors.joining(",")) + "]}")
                .collect(Collectors.joining(","));
        long now = Instant.now().getEpochSecond();
        String signed = base64("{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"" + chain + "\"]}") + '.' + base64(
                "{\"iss\":\"" + ISSUER + "\",\"sub\":\"\",\"aud\":\"" + SERVICE + "\",\"exp\":" + (now + lifetime) + ",\"nbf\":" + (now - 100)
                        + ",\"iat\":" + now + ",\"jti\":\"" + asked.size() + "\",\"access\":[" + access + "]}");
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + '.' + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String base64(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
