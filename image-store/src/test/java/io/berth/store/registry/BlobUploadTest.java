package io.berth.store.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.registry.HostileServer.Handler;
import io.berth.store.registry.HostileServer.Received;
import io.berth.store.registry.Registries.Access;
import io.berth.store.registry.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Uploads to a registry that breaks them. */
@Timeout(60)
class BlobUploadTest {

    private static final byte[] LARGE = new byte[3 << 20];
    private static final byte[] SMALL = {1, 2, 3};
    private static final Patience QUICK = new Patience(Duration.ofSeconds(5), Duration.ofMillis(700), 4, Duration.ofMillis(1), Duration.ofMillis(5));

    static {
        new Random(1).nextBytes(LARGE);
    }

    private HostileServer server;
    private HttpRegistries registries;
    /** What the registry has of the upload. */
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

    @AfterEach
    void stop() throws IOException {
        registries.close();
        server.close();
    }

    private List<Long> upload(byte[] content, Handler handler) throws IOException {
        server = new HostileServer(handler);
        registries = new HttpRegistries(new RegistrySettings(InsecureRegistries.LOOPBACK, List.of(), Proxies.NONE, List.of(), QUICK));
        List<Long> told = new ArrayList<>();
        registries.repository(ImageReference.parse(server.address() + "/app"), Credentials.ANONYMOUS, Access.PUSH)
                .upload(Digest.of(content), content.length, () -> new ByteArrayInputStream(content), told::add);
        return told;
    }

    private List<String> requests() {
        return server.received().stream().map(Received::toString).toList();
    }

    @Test
    void aSmallBlobIsUploadedWithItsDigestInOneRequest() throws IOException {
        upload(SMALL, (request, out) -> {
            kept.write(request.body());
            HostileServer.answer(out, request.method().equals("POST") ? 202 : 201, "Location: /v2/app/blobs/uploads/1?_state=a%2Bb\r\n", "");
        });
        assertEquals(List.of("POST /v2/app/blobs/uploads/", "PUT /v2/app/blobs/uploads/1?_state=a%2Bb&digest=" + Digest.of(SMALL)), requests());
        assertArrayEquals(SMALL, kept.toByteArray());
    }

    @Test
    void aLargeBlobGoesWhereEachAnswerSays() throws IOException {
        List<Long> told = upload(LARGE, (request, out) -> {
            kept.write(request.body());
            String location = switch (request.method()) {
                case "POST" -> "http://" + server.address() + "/elsewhere/1";
                case "PATCH" -> "2?x=y";
                default -> "/v2/app/blobs/done";
            };
            HostileServer.answer(out, request.method().equals("PUT") ? 201 : 202, "Location: " + location + "\r\n", "");
        });
        assertEquals(List.of("POST /v2/app/blobs/uploads/", "PATCH /elsewhere/1", "PUT /elsewhere/2?x=y&digest=" + Digest.of(LARGE)), requests());
        assertEquals("0-" + (LARGE.length - 1), server.received().get(1).header("content-range"));
        assertArrayEquals(LARGE, kept.toByteArray());
        assertEquals(LARGE.length, told.getLast());
    }

    /** Takes {@code first} bytes of the first PATCH and hangs up; what it says of it afterwards is {@code range}. */
    private Handler breaking(int first, int status, String range) {
        AtomicInteger patches = new AtomicInteger();
        return (request, out) -> {
            switch (request.method()) {
                case "POST" -> {
                    kept.reset();
                    HostileServer.answer(out, 202, "Location: /up/1\r\n", "");
                }
                case "PATCH" -> {
                    if (patches.incrementAndGet() == 1) {
                        kept.write(request.body(), 0, first);
                        return;
                    }
                    kept.write(request.body());
                    HostileServer.answer(out, 202, "Location: /up/2\r\n", "");
                }
                case "GET" -> HostileServer.answer(out, status, range + "Location: /up/1b\r\n", "");
                default -> HostileServer.answer(out, 201, "", "");
            }
        };
    }

    @Test
    void anUploadThatBreaksGoesOnWhereTheRegistrySays() throws IOException {
        upload(LARGE, breaking(1_000_000, 204, "Range: 0-999999\r\n"));
        assertEquals(List.of("POST /v2/app/blobs/uploads/", "PATCH /up/1", "GET /up/1", "PATCH /up/1b", "PUT /up/2?digest=" + Digest.of(LARGE)), requests());
        assertEquals("1000000-" + (LARGE.length - 1), server.received().get(3).header("content-range"));
        assertArrayEquals(LARGE, kept.toByteArray());
    }

    @Test
    void anUploadThatTheRegistryForgotBeginsAgain() throws IOException {
        upload(LARGE, breaking(1_000_000, 404, ""));
        assertEquals(List.of("POST /v2/app/blobs/uploads/", "PATCH /up/1", "GET /up/1", "POST /v2/app/blobs/uploads/", "PATCH /up/1",
                "PUT /up/2?digest=" + Digest.of(LARGE)), requests());
        assertArrayEquals(LARGE, kept.toByteArray());
    }

    @Test
    void anAnswerToHowFarItCameThatMakesNoSenseBeginsAgain() throws IOException {
        upload(LARGE, breaking(0, 204, "Range: 0-99999999\r\n"));
        assertArrayEquals(LARGE, kept.toByteArray());
    }

    @Test
    void anUploadThatIsCompleteWhenItBreaksIsOnlyClosed() throws IOException {
        upload(LARGE, breaking(LARGE.length, 204, "Range: 0-" + (LARGE.length - 1) + "\r\n"));
        assertEquals("PUT /up/1b?digest=" + Digest.of(LARGE), requests().getLast());
        assertArrayEquals(LARGE, kept.toByteArray());
    }

    @Test
    void aDigestThatTheRegistryDoesNotBelieveIsToldOnce() throws IOException {
        RegistryException failure = assertThrows(RegistryException.class, () -> upload(SMALL, (request, out) -> HostileServer.answer(out,
                request.method().equals("POST") ? 202 : 400, "Location: /up\r\n",
                "{\"errors\":[{\"code\":\"DIGEST_INVALID\",\"message\":\"provided digest did not match uploaded content\"}]}")));
        assertEquals(Kind.INVALID, failure.kind());
        assertEquals("digest invalid: provided digest did not match uploaded content", failure.getMessage());
        assertEquals(2, server.received().size());
    }

    @Test
    void aRegistryThatStopsReadingIsGivenUpInTime() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        byte[] huge = Arrays.copyOf(LARGE, 64 << 20);
        RegistryException failure = assertThrows(RegistryException.class, () -> upload(huge, (request, out) -> {
            if (!request.method().equals("POST")) {
                over.await();
            }
            HostileServer.answer(out, 202, "Location: http://127.0.0.1:" + deaf.getLocalPort() + "/up\r\n", "");
        }));
        assertTrue(failure.getMessage().endsWith("nothing came for 700 ms"), failure.getMessage());
        over.countDown();
    }

    /** Accepts connections and reads nothing. */
    private final java.net.ServerSocket deaf = deaf();

    private static java.net.ServerSocket deaf() {
        try {
            return new java.net.ServerSocket(0, 5, java.net.InetAddress.getByName("127.0.0.1"));
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    @AfterEach
    void closeDeaf() throws IOException {
        deaf.close();
    }
}
