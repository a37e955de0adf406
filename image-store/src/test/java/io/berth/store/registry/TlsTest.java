package io.berth.store.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom a client believes, against a server with a certificate of the test's own authority. */
@Timeout(60)
class TlsTest {

    private static final Patience QUICK = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 1, Duration.ZERO, Duration.ZERO);

    @TempDir
    Path directory;
    private TestAuthority authority;
    private HttpsServer server;

    @BeforeEach
    void makeAuthority() throws IOException {
        authority = TestAuthority.make(directory);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    /** @param mutual whether clients have to show a certificate of the authority's, too */
    private URI serve(String names, boolean mutual) throws IOException {
        TestAuthority.Server own = authority.server("server", names);
        SSLContext context = TlsContexts.of(Tls.of(List.of(authority.certificate()), List.of(new Tls.Client(own.certificate(), own.key())), false));
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
                ssl.setNeedClientAuth(mutual);
                parameters.setSSLParameters(ssl);
            }
        });
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, -1);
            }
        });
        server.start();
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/v2/");
    }

    private static int get(URI uri, Tls tls) {
        try (Transport transport = new Transport(QUICK, Proxies.NONE, any -> tls)) {
            HttpResponse<ArrivingBody> response = transport.send(Request.of("GET", uri));
            Bodies.discard(response);
            return response.statusCode();
        }
    }

    private static String refusal(URI uri, Tls tls) {
        return assertThrows(RegistryException.class, () -> get(uri, tls)).getMessage();
    }

    @Test
    void anUnknownAuthorityIsNotBelievedUnlessItIsNamed() throws IOException {
        URI uri = serve("IP:127.0.0.1", false);
        assertEquals("Get \"" + uri + "\": tls: failed to verify certificate: x509: certificate signed by unknown authority", refusal(uri, Tls.DEFAULT));
        assertEquals(200, get(uri, Tls.of(List.of(authority.certificate()), List.of(), false)));
        assertEquals(200, get(uri, Tls.ANYBODY));
    }

    @Test
    void aCertificateForAnotherNameIsNotBelieved() throws IOException {
        URI uri = serve("DNS:another.test", false);
        String refusal = refusal(uri, Tls.of(List.of(authority.certificate()), List.of(), false));
        assertTrue(refusal.startsWith("Get \"" + uri + "\": tls: failed to verify certificate: x509: No subject alternative names"), refusal);
    }

    @Test
    void aClientShowsItsCertificateWhateverFormItsKeyHas() throws Exception {
        URI uri = serve("IP:127.0.0.1", true);
        TestAuthority.Server rsa = authority.server("client", "DNS:client.test");
        TestAuthority.openssl(directory, "rsa", "-in", "client.key", "-traditional", "-out", "old.key");
        TestAuthority.openssl(directory, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ec.key");
        TestAuthority.openssl(directory, "req", "-new", "-key", "ec.key", "-subj", "/CN=ec", "-out", "ec.csr");
        TestAuthority.openssl(directory, "x509", "-req", "-in", "ec.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-out", "ec.crt");
        Path both = Files.writeString(directory.resolve("both.pem"), Files.readString(rsa.certificate()) + Files.readString(rsa.key()));
        for (Tls.Client client : List.of(new Tls.Client(rsa.certificate(), rsa.key()), new Tls.Client(rsa.certificate(), directory.resolve("old.key")),
                new Tls.Client(directory.resolve("ec.crt"), directory.resolve("ec.key")), new Tls.Client(both, both))) {
            assertEquals(200, get(uri, Tls.of(List.of(authority.certificate()), List.of(client), false)), client.toString());
        }
        assertThrows(RegistryException.class, () -> get(uri, Tls.of(List.of(authority.certificate()), List.of(), false)));
    }

    @Test
    void plainHttpIsToldFromHttps() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            Thread.ofVirtual().start(() -> {
                // A web server answers what it cannot read.
                try (Socket connection = socket.accept()) {
                    connection.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    connection.getInputStream().readNBytes(100);
                } catch (IOException over) {
                    // The test sees what the client says.
                }
            });
            URI uri = URI.create("https://127.0.0.1:" + socket.getLocalPort() + "/v2/");
            assertEquals("Get \"" + uri + "\": http: server gave HTTP response to HTTPS client", refusal(uri, Tls.DEFAULT));
        }
    }

    @Test
    void filesThatHoldNoKeyOrCertificateAreNamed() throws IOException {
        Path empty = Files.writeString(directory.resolve("empty"), "");
        String start = "read the certificates for a registry: ";
        assertTrue(refusal(URI.create("https://127.0.0.1:1/"), Tls.of(List.of(empty), List.of(), false)).startsWith(start + empty + " holds no certificate"));
        assertEquals(start + empty + " holds no private key", refusal(URI.create("https://127.0.0.1:1/"),
                Tls.of(List.of(), List.of(new Tls.Client(authority.certificate(), empty)), false)));
    }

    @Test
    void nobodyIsLedFromHttpsToPlainHttp() throws IOException {
        URI uri = serve("IP:127.0.0.1", false);
        try (HostileServer plain = new HostileServer((request, out) -> HostileServer.answer(out, 200, "", ""))) {
            server.createContext("/away", exchange -> {
                try (exchange) {
                    exchange.getResponseHeaders().set("Location", "http://" + plain.address() + "/");
                    exchange.sendResponseHeaders(302, -1);
                }
            });
            String refusal = refusal(uri.resolve("/away"), Tls.ANYBODY);
            assertTrue(refusal.endsWith(": refused to be redirected from https to http://" + plain.address()), refusal);
            assertEquals(List.of(), plain.received());
        }
    }
}
