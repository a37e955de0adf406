package io.berth.store.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.HostileServer.Handler;
import io.berth.store.registry.HostileServer.Received;
import io.berth.store.registry.Registries.Access;
import io.berth.store.registry.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is told what: challenges, tokens, and what must not be told to anybody else. */
@Timeout(60)
class AuthorizationTest {

    private static final String MANIFEST = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{}}";
    private static final Credentials USER = new Credentials("me", "s:cret", "", "");
    private static final String BASIC = "Basic bWU6czpjcmV0";
    private static final Patience QUICK = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(1), Duration.ofMillis(5));

    private final List<AutoCloseable> open = new ArrayList<>();
    private final HttpRegistries registries =
            new HttpRegistries(new RegistrySettings(InsecureRegistries.LOOPBACK, List.of(), Proxies.NONE, List.of(), QUICK));

    @AfterEach
    void stop() throws Exception {
        registries.close();
        for (AutoCloseable server : open) {
            server.close();
        }
    }

    private HostileServer server(String host, Handler handler) throws IOException {
        HostileServer server = new HostileServer(host, handler);
        open.add(server);
        return server;
    }

    private Repository repository(HostileServer server, Credentials credentials, Access access) {
        return registries.repository(ImageReference.parse(server.address() + "/app"), credentials, access);
    }

    /** A registry that takes tokens of its own server alone; the server's challenge names the realm last. */
    private HostileServer tokenRegistry(HostileServer tokens, String validToken) throws IOException {
        return server("127.0.0.1", (request, out) -> {
            if (request.header("authorization").equals("Bearer " + validToken)) {
                HostileServer.answer(out, request.method().equals("POST") ? 201 : 200, "", MANIFEST);
            } else {
                HostileServer.answer(out, 401, "WWW-Authenticate: Negotiate abc==, Bearer service=\"a, b\", scope=\"repository:app:pull\",realm=\"http://"
                        + tokens.address() + "/token?x=y\"\r\n", "{}");
            }
        });
    }

    @Test
    void aTokenIsAskedForWithTheUsersNameAndUsedUntilItIsOld() throws IOException {
        HostileServer tokens = server("127.0.0.2", (request, out) -> HostileServer.answer(out, 200, "", "{\"token\":\"one\",\"expires_in\":300}"));
        HostileServer registry = tokenRegistry(tokens, "one");
        repository(registry, USER, Access.PULL).manifest("1");
        repository(registry, USER, Access.PULL).manifest("1");
        assertEquals(List.of("/token?x=y&account=me&scope=repository%3Aapp%3Apull&service=a%2C+b"), targets(tokens));
        assertEquals(BASIC, tokens.received().getFirst().header("authorization"));
        // The first was refused and repeated, the second needed no asking.
        assertEquals(3, registry.received().size());
        assertTrue(registry.received().stream().noneMatch(request -> request.header("authorization").startsWith("Basic")));
    }

    @Test
    void aPushAsksForMoreAndAMountForBothRepositories() throws IOException {
        HostileServer tokens = server("127.0.0.2", (request, out) -> HostileServer.answer(out, 200, "", "{\"access_token\":\"one\"}"));
        HostileServer registry = tokenRegistry(tokens, "one");
        Repository repository = repository(registry, Credentials.ANONYMOUS, Access.PUSH);
        repository.manifest("1");
        assertTrue(repository.mount(Digest.of(new byte[1]), ImageReference.parse(registry.address() + "/other")));
        assertEquals(List.of("/token?x=y&scope=repository:app:pull,push&service=a, b",
                "/token?x=y&scope=repository:app:pull,push&scope=repository:other:pull&service=a, b"),
                targets(tokens).stream().map(target -> URLDecoder.decode(target, StandardCharsets.UTF_8)).toList());
        assertEquals("", tokens.received().getFirst().header("authorization"));
    }

    @Test
    void anIdentityTokenIsPostedAndNothingElse() throws IOException {
        HostileServer tokens = server("127.0.0.2", (request, out) -> HostileServer.answer(out, 200, "", "{\"access_token\":\"one\"}"));
        repository(tokenRegistry(tokens, "one"), new Credentials("", "", "who+I", ""), Access.PULL).manifest("1");
        Received asked = tokens.received().getFirst();
        assertEquals("POST", asked.method());
        assertEquals("", asked.header("authorization"));
        assertEquals("grant_type=refresh_token&service=a%2C+b&client_id=docker&scope=repository%3Aapp%3Apull&refresh_token=who%2BI",
                new String(asked.body(), StandardCharsets.UTF_8));
    }

    @Test
    void aTokenThatIsRefusedInTheMiddleIsReplaced() throws IOException {
        AtomicInteger issued = new AtomicInteger();
        AtomicInteger valid = new AtomicInteger(1);
        HostileServer tokens = server("127.0.0.2", (request, out) -> HostileServer.answer(out, 200, "", "{\"token\":\"t" + issued.incrementAndGet() + "\"}"));
        HostileServer registry = server("127.0.0.1", (request, out) -> {
            if (request.header("authorization").equals("Bearer t" + valid.get())) {
                HostileServer.answer(out, 200, "", MANIFEST);
            } else {
                HostileServer.answer(out, 401, "WWW-Authenticate: Bearer realm=\"http://" + tokens.address() + "/\",error=\"invalid_token\"\r\n", "");
            }
        });
        Repository repository = repository(registry, USER, Access.PULL);
        repository.manifest("1");
        valid.set(2);
        repository.manifest("1");
        assertEquals(2, issued.get());
    }

    @Test
    void aRegistryTokenIsSentAsItIs() throws IOException {
        HostileServer registry = server("127.0.0.1", (request, out) -> HostileServer.answer(out, 200, "", MANIFEST));
        repository(registry, new Credentials("", "", "", "given"), Access.PULL).manifest("1");
        assertEquals("Bearer given", registry.received().getFirst().header("authorization"));
    }

    @Test
    void credentialsDoNotFollowARedirectToAnotherHost() throws IOException {
        byte[] blob = new byte[10];
        HostileServer storage = server("127.0.0.3", (request, out) -> HostileServer.answer(out, 200, "", blob));
        HostileServer registry = server("127.0.0.1", (request, out) -> {
            if (request.header("authorization").equals(BASIC)) {
                boolean here = !request.target().startsWith("/here/");
                HostileServer.answer(out, 307, "Location: " + (here ? "/here/blob" : "http://" + storage.address() + "/blob?signature=x") + "\r\n", "");
            } else {
                HostileServer.answer(out, 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
            }
        });
        Descriptor layer = new Descriptor("", Digest.of(blob), 10, Optional.empty(), Map.of());
        try (InputStream in = repository(registry, USER, Access.PULL).blob(layer, 0)) {
            assertEquals(10, in.readAllBytes().length);
        }
        assertEquals("/here/blob", registry.received().getLast().target());
        assertEquals(BASIC, registry.received().getLast().header("authorization"));
        assertEquals("", storage.received().getFirst().header("authorization"));
    }

    @Test
    void aStorageThatAsksWhoItIsGetsNoCredentials() throws IOException {
        HostileServer storage = server("127.0.0.3", (request, out) -> HostileServer.answer(out, 401, "WWW-Authenticate: Basic realm=\"give\"\r\n", ""));
        HostileServer registry = server("127.0.0.1", (request, out) ->
                HostileServer.answer(out, 307, "Location: http://" + storage.address() + "/blob\r\n", ""));
        Descriptor layer = new Descriptor("", Digest.of(new byte[1]), 1, Optional.empty(), Map.of());
        RegistryException failure = assertThrows(RegistryException.class, () -> repository(registry, USER, Access.PULL).blob(layer, 0));
        assertEquals(Kind.UNAUTHORIZED, failure.kind());
        assertEquals(1, storage.received().size());
        assertFalse(registry.received().stream().anyMatch(request -> !request.header("authorization").isEmpty()));
    }

    @Test
    void aTokenServerThatDoesNotBelieveIsToldInTheWordsOfTheReference() throws IOException {
        HostileServer tokens = server("127.0.0.2", (request, out) -> HostileServer.answer(out, 401, "", "{\"details\":\"incorrect username or password\"}"));
        HostileServer registry = tokenRegistry(tokens, "one");
        RegistryException failure = assertThrows(RegistryException.class, () -> repository(registry, USER, Access.PULL).describe("1"));
        assertEquals(Kind.UNAUTHORIZED, failure.kind());
        assertEquals("Head \"http://" + registry.address() + "/v2/app/manifests/1\": unauthorized: incorrect username or password", failure.getMessage());
    }

    @Test
    void aTokenServerThatTalksNonsenseIsRefused() throws IOException {
        for (String nonsense : List.of("<html>", "{}", "{\"token\":\"a\\r\\nX-Evil: 1\"}", "[]")) {
            HostileServer tokens = server("127.0.0.2", (request, out) -> HostileServer.answer(out, 200, "", nonsense));
            HostileServer registry = tokenRegistry(tokens, "one");
            assertEquals(Kind.INVALID, assertThrows(RegistryException.class, () -> repository(registry, USER, Access.PULL).describe("1")).kind());
        }
    }

    @Test
    void aLoginBringsAnIdentityTokenWhenTheServerGivesOne() throws IOException {
        HostileServer tokens = server("127.0.0.2", (request, out) -> HostileServer.answer(out, 200, "", "{\"token\":\"one\",\"refresh_token\":\"keep\"}"));
        HostileServer registry = tokenRegistry(tokens, "one");
        assertEquals("keep", registries.login("http://" + registry.address() + "/v2/", USER));
        assertEquals("/token?x=y&account=me&client_id=docker&offline_token=true&scope=repository%3Aapp%3Apull&service=a%2C+b", targets(tokens).getFirst());
    }

    @Test
    void aLoginWithAWrongPasswordIsTheReferencesRefusal() throws IOException {
        HostileServer registry = server("127.0.0.1", (request, out) -> HostileServer.answer(out, 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", ""));
        RegistryException failure = assertThrows(RegistryException.class, () -> registries.login(registry.address(), USER));
        assertEquals("login attempt to http://" + registry.address() + "/v2/ failed with status: 401 Unauthorized", failure.getMessage());
        assertEquals("Get \"http://" + registry.address() + "/v2/\": no basic auth credentials",
                assertThrows(RegistryException.class, () -> registries.login(registry.address(), Credentials.ANONYMOUS)).getMessage());
    }

    @Test
    void aSearchAsksTheRegistryThatTheTermNames() throws IOException {
        HostileServer registry = server("127.0.0.1", (request, out) -> HostileServer.answer(out, 200, "",
                "{\"results\":[{\"name\":\"me/foo\",\"description\":\"d\",\"star_count\":7,\"is_official\":true}]}"));
        assertEquals(List.of(new Found("me/foo", "d", 7, true)), registries.search(registry.address() + "/foo bar", 3, Credentials.ANONYMOUS));
        assertEquals("/v1/search?q=foo+bar&n=3", registry.received().getLast().target());
    }

    private static List<String> targets(HostileServer server) {
        return server.received().stream().map(Received::target).toList();
    }

    @Test
    void challengesAreReadInEverySpelling() {
        assertEquals(List.of(new Challenge("basic", Map.of("realm", "a, \"b\"")), new Challenge("bearer", Map.of("realm", "https://x/", "scope", "a:b:c,d", "empty", ""))),
                Challenge.parse(List.of("Basic realm=\"a, \\\"b\\\"\", BEARER Realm = \"https://x/\" , scope=\"a:b:c,d\",empty=\"\"")));
        assertEquals(List.of(new Challenge("negotiate", Map.of()), new Challenge("bearer", Map.of("realm", "https://x/y?z"))),
                Challenge.parse(List.of("Negotiate", "Bearer realm=https://x/y?z")));
        assertEquals(List.of(), Challenge.parse(List.of("", ",,", "=\"")));
        assertEquals("x", Challenge.parse(List.of("Bearer realm=\"x")).getFirst().parameter("realm"));
    }
}
