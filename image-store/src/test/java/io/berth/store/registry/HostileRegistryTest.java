package io.berth.store.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.HostileServer.Handler;
import io.berth.store.registry.Registries.Access;
import io.berth.store.registry.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against a registry that does everything wrong. */
@Timeout(60)
class HostileRegistryTest {

    private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String MANIFEST = "{\"schemaVersion\":2,\"mediaType\":\"" + TYPE + "\",\"config\":{},\"layers\":[]}";
    private static final String TYPED = "Content-Type: " + TYPE + "\r\n";
    private static final byte[] BLOB = "the content of a blob".getBytes(StandardCharsets.UTF_8);
    private static final Descriptor LAYER = new Descriptor("application/octet-stream", Digest.of(BLOB), BLOB.length, Optional.empty(), Map.of());
    private static final Patience QUICK = new Patience(Duration.ofSeconds(5), Duration.ofMillis(400), 3, Duration.ofMillis(1), Duration.ofMillis(50));

    private HostileServer server;
    private HttpRegistries registries;

    @AfterEach
    void stop() throws IOException {
        registries.close();
        server.close();
    }

    private Repository repository(Handler handler) throws IOException {
        server = new HostileServer(handler);
        registries = new HttpRegistries(new RegistrySettings(InsecureRegistries.LOOPBACK, List.of(), Proxies.NONE, List.of(), QUICK));
        return registries.repository(ImageReference.parse(server.address() + "/app"), Credentials.ANONYMOUS, Access.PULL);
    }

    private static RegistryException failure(Repository repository, String reference) {
        return assertThrows(RegistryException.class, () -> repository.manifest(reference));
    }

    private static IOException failure(Repository repository, long from) {
        return assertThrows(IOException.class, () -> {
            try (InputStream in = repository.blob(LAYER, from)) {
                in.readAllBytes();
            }
        });
    }

    @Test
    void aManifestWithAnotherDigestThanAskedForIsRefused() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200, TYPED, MANIFEST));
        RegistryException failure = failure(repository, "sha256:" + "a".repeat(64));
        assertEquals(Kind.INVALID, failure.kind());
        assertEquals("manifest verification failed for digest sha256:" + "a".repeat(64) + ": the registry sent "
                + Digest.of(MANIFEST.getBytes(StandardCharsets.UTF_8)), failure.getMessage());
    }

    @Test
    void aManifestWithAnotherDigestThanTheRegistrySaysIsRefused() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200,
                TYPED + "Docker-Content-Digest: sha256:" + "b".repeat(64) + "\r\n", MANIFEST));
        assertEquals(Kind.INVALID, failure(repository, "1").kind());
    }

    @Test
    void aManifestThatNeverEndsCostsFourMebibytes() throws IOException {
        Repository repository = repository((request, out) -> {
            HostileServer.head(out, 200, TYPED);
            while (true) {
                out.write(new byte[8192]);
            }
        });
        RegistryException failure = failure(repository, "1");
        assertEquals(Kind.INVALID, failure.kind());
        assertTrue(failure.getMessage().endsWith(": it is over 4 MiB, which is the most that is taken"), failure.getMessage());
    }

    @Test
    void whatIsNoManifestIsRefusedWithItsType() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200, "Content-Type: text/html\r\n",
                request.target().endsWith("/json") ? "{\"hello\":1}" : "<html>hello</html>"));
        assertEquals("unsupported manifest media type and no default available: text/html", failure(repository, "json").getMessage());
        assertTrue(failure(repository, "1").getMessage().endsWith(" is no JSON, the registry calls it \"text/html\""));
    }

    @Test
    void aManifestThatIsTwoThingsAtOnceIsRefused() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200,
                "Content-Type: application/vnd.oci.image.index.v1+json\r\n", MANIFEST));
        assertTrue(failure(repository, "1").getMessage().endsWith(" says that it is " + TYPE
                + ", the registry that it is application/vnd.oci.image.index.v1+json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/vnd.docker.distribution.manifest.v1+prettyjws", "application/vnd.docker.distribution.manifest.v1+json", "application/json"})
    void aManifestOfTheFirstSchemaIsRefusedWithAdvice(String type) throws IOException {
        // What it is named by is the digest of what was signed: of something else than what comes.
        Digest signed = Digest.of(new byte[0]);
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200,
                "Content-Type: " + type + "\r\nDocker-Content-Digest: " + signed + "\r\n", "{\"schemaVersion\":1}"));
        for (String reference : List.of("1", signed.toString())) {
            assertTrue(failure(repository, reference).getMessage().contains("schema 1 are not supported. Suggest the author of"));
        }
    }

    @Test
    void aManifestWithoutATypeIsWhatItSaysOfItself() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200, "", MANIFEST));
        assertEquals(TYPE, repository.manifest("1").descriptor().mediaType());
        // A HEAD that says less makes the client look itself.
        assertEquals(Digest.of(MANIFEST.getBytes(StandardCharsets.UTF_8)), repository.describe("1").digest());
    }

    @Test
    void aBlobThatIsCutShortFails() throws IOException {
        Repository repository = repository((request, out) -> {
            HostileServer.head(out, 200, "Content-Length: " + BLOB.length + "\r\n");
            out.write(BLOB, 0, 5);
        });
        assertTrue(failure(repository, 0).getMessage().startsWith("the connection broke"), () -> failure(repository, 0).getMessage());
    }

    @Test
    void aBlobOfAnotherSizeFailsBeforeItIsRead() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200, "", new byte[3]));
        assertEquals("download " + LAYER.digest() + ": the registry sends 3 bytes where there have to be " + BLOB.length,
                failure(repository, 0).getMessage());
    }

    @Test
    void aBlobWithoutLengthFailsWhereItEndsTooEarlyOrGoesOnTooLong() throws IOException {
        Repository repository = repository((request, out) -> {
            HostileServer.head(out, 200, "Transfer-Encoding: chunked\r\n");
            out.write((request.header("range").isEmpty() ? "3\r\nabc\r\n0\r\n\r\n" : "40\r\n" + "x".repeat(64) + "\r\n0\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
        });
        assertEquals("download " + LAYER.digest() + ": it ends " + (BLOB.length - 3) + " bytes too early", failure(repository, 0).getMessage());
        assertEquals("download " + LAYER.digest() + ": the registry sends more than its size", failure(repository, 1).getMessage());
    }

    @Test
    void aBlobThatStallsFailsInTime() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        Repository repository = repository((request, out) -> {
            HostileServer.head(out, 200, "Content-Length: " + BLOB.length + "\r\n");
            out.write(BLOB, 0, 5);
            out.flush();
            over.await();
        });
        assertEquals("nothing came for 400 ms", failure(repository, 0).getMessage());
        over.countDown();
    }

    @Test
    void anAnswerThatNeverBeginsFailsInTime() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        Repository repository = repository((request, out) -> over.await());
        RegistryException failure = failure(repository, "1");
        assertEquals(Kind.UNAVAILABLE, failure.kind());
        assertTrue(failure.getMessage().endsWith("nothing came for 400 ms"), failure.getMessage());
        over.countDown();
    }

    @Test
    void anInterruptEndsARequestAtOnce() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        server = new HostileServer((request, out) -> {
            asked.countDown();
            over.await();
        });
        registries = new HttpRegistries(RegistrySettings.DEFAULT);
        Repository repository = registries.repository(ImageReference.parse(server.address() + "/app"), Credentials.ANONYMOUS, Access.PULL);
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread client = Thread.ofVirtual().start(() -> {
            try {
                repository.manifest("1");
            } catch (RuntimeException expected) {
                failure.set(expected);
            }
        });
        assertTrue(asked.await(10, TimeUnit.SECONDS));
        client.interrupt();
        client.join(Duration.ofSeconds(10));
        assertTrue(failure.get().getMessage().endsWith(": context canceled"), () -> failure.get().getMessage());
        over.countDown();
    }

    @Test
    void aBlobGoesOnWhereItIsAskedTo() throws IOException {
        Repository repository = repository((request, out) -> {
            int from = Integer.parseInt(request.header("range").replaceAll("[^0-9]", ""));
            HostileServer.answer(out, 206, "Content-Range: bytes " + from + "-" + (BLOB.length - 1) + "/" + BLOB.length + "\r\n",
                    java.util.Arrays.copyOfRange(BLOB, from, BLOB.length));
        });
        try (InputStream in = repository.blob(LAYER, 4)) {
            assertArrayEquals(java.util.Arrays.copyOfRange(BLOB, 4, BLOB.length), in.readAllBytes());
        }
        assertEquals("bytes=4-", server.received().getLast().header("range"));
    }

    @Test
    void aServerThatAlwaysSendsTheWholeIsReadFromItsBeginning() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200, "", BLOB));
        try (InputStream in = repository.blob(LAYER, 4)) {
            assertArrayEquals(java.util.Arrays.copyOfRange(BLOB, 4, BLOB.length), in.readAllBytes());
        }
        assertEquals(Optional.empty(), repository.part(LAYER, 4, 2));
    }

    @Test
    void aRangeThatWasNotAskedForIsRefused() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 206, "Content-Range: bytes 0-20/21\r\n", BLOB));
        assertTrue(failure(repository, 4).getMessage().endsWith("asked for what follows byte 4, the registry sends \"bytes 0-20/21\""));
    }

    @Test
    void whatPassesIsAskedAgainAndTheServersPauseIsKept() throws IOException {
        AtomicInteger times = new AtomicInteger();
        Repository repository = repository((request, out) -> {
            switch (times.incrementAndGet()) {
                case 1 -> HostileServer.answer(out, 503, "", "");
                case 2 -> HostileServer.answer(out, 429, "Retry-After: 0\r\n", "");
                default -> HostileServer.answer(out, 200, TYPED, MANIFEST);
            }
        });
        assertEquals(TYPE, repository.manifest("1").descriptor().mediaType());
        assertEquals(3, times.get());
    }

    @Test
    void aRegistryThatIsTiredForAnHourIsNotWaitedFor() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 429, "Retry-After: 3600\r\n",
                "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"You have reached your pull rate limit.\"}]}"));
        RegistryException failure = failure(repository, "1");
        assertEquals(Kind.TOO_MANY_REQUESTS, failure.kind());
        assertEquals("toomanyrequests: You have reached your pull rate limit.", failure.getMessage());
        assertEquals(1, server.received().size());
    }

    @Test
    void whatDoesNotPassIsGivenUp() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 503, "", "busy"));
        RegistryException failure = failure(repository, "1");
        assertEquals(Kind.UNAVAILABLE, failure.kind());
        assertEquals("received unexpected HTTP status: 503 Service Unavailable", failure.getMessage());
        assertEquals(3, server.received().size());
    }

    @Test
    void aConnectionThatBreaksIsMadeAgain() throws IOException {
        AtomicInteger times = new AtomicInteger();
        Repository repository = repository((request, out) -> {
            if (times.incrementAndGet() > 2) {
                HostileServer.answer(out, 200, TYPED, MANIFEST);
            }
        });
        assertEquals(TYPE, repository.manifest("1").descriptor().mediaType());
    }

    @Test
    void redirectsThatGoOnForEverAreGivenUp() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 307, "Location: " + request.target() + "x\r\n", ""));
        assertTrue(failure(repository, "1").getMessage().endsWith("stopped after 10 redirects"));
    }

    @Test
    void redirectsToFilesAreRefused() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 307, "Location: file:///etc/passwd\r\n", ""));
        assertTrue(failure(repository, "1").getMessage().endsWith("refused to be redirected to \"file:///etc/passwd\""));
    }

    @Test
    void aListOfTagsIsReadPageByPage() throws IOException {
        Repository repository = repository((request, out) -> {
            boolean first = !request.target().contains("last=");
            HostileServer.answer(out, 200, first ? "Link: </v2/app/tags/list?n=2&last=b>; rel=\"next\"\r\n" : "",
                    first ? "{\"name\":\"app\",\"tags\":[\"a\",\"b\"]}" : "{\"tags\":[\"c\"]}");
        });
        assertEquals(List.of("a", "b", "c"), repository.tags());
    }

    @Test
    void aListOfTagsWithoutEndIsGivenUp() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 200,
                "Link: <" + request.target() + ">; rel=\"next\"\r\n", "{\"tags\":[\"a\"]}"));
        assertTrue(assertThrows(RegistryException.class, repository::tags).getMessage().endsWith("the registry's list has no end"));
    }

    @Test
    void errorsThatAreNoJsonAreToldByTheirStatus() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 403, "Content-Type: text/html\r\n", "<html>\u001b[2Jno"));
        assertEquals("pull access denied for " + server.address() + "/app, repository does not exist or may require 'docker login': "
                + "denied: requested access to the resource is denied", failure(repository, "1").getMessage());
    }

    @Test
    void aServersWordsCannotPaintTheTerminal() throws IOException {
        Repository repository = repository((request, out) -> HostileServer.answer(out, 400, "",
                "{\"errors\":[{\"code\":\"ODD\",\"message\":\"\\u001b[2Jboo\"}]}"));
        assertEquals("odd:  [2Jboo", failure(repository, "1").getMessage());
    }

    @Test
    void nobodyThereIsToldAtOnce() throws IOException {
        Repository repository = repository((request, out) -> { });
        server.close();
        assertEquals("Get \"http://" + server.address() + "/v2/\": dial tcp " + server.address() + ": connect: connection refused",
                failure(repository, "1").getMessage());
    }
}
