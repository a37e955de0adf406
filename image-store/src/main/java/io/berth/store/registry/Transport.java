package io.berth.store.registry;

import io.berth.store.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Sends requests to whomever: follows redirects, and repeats what may help to be repeated. Blocks; an interrupt ends the request.
 * Makes a client for each way to trust a server, at its first use.
 */
final class Transport implements AutoCloseable {

    private static final int LONGEST_CHAIN = 10;

    static {
        // Otherwise Java never tells a proxy who asks for a tunnel. It is the only one of this JVM's to use it.
        if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
            System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        }
    }

    private final Patience patience;
    private final Proxies proxies;
    private final Function<URI, Tls> trust;
    private final Map<Tls, HttpClient> clients = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param trust whom to believe for an address */
    Transport(Patience patience, Proxies proxies, Function<URI, Tls> trust) {
        this.patience = patience;
        this.proxies = proxies;
        this.trust = trust;
    }

    /**
     * The answer, whatever it says, to the last attempt.
     *
     * @throws RegistryException unavailable, when there is none
     */
    HttpResponse<ArrivingBody> send(Request request) {
        for (int attempt = 1;; attempt++) {
            Duration pause = patience.pauseBefore(attempt + 1);
            try {
                HttpResponse<ArrivingBody> response = follow(request);
                Duration wanted = response.headers().firstValue("Retry-After").flatMap(value -> RetryAfter.parse(value, Instant.now())).orElse(pause);
                // Who is to come back in an hour has to be told so now.
                if (attempt >= patience.attempts() || !mayPass(response.statusCode()) || wanted.compareTo(patience.longestPause()) > 0) {
                    return response;
                }
                response.body().close();
                pause = wanted;
            } catch (Unanswered failure) {
                if (attempt >= patience.attempts() || !Unreachable.mayPass(failure.why)) {
                    throw Unreachable.of(failure.request, failure.why);
                }
            }
            pause(request, pause);
        }
    }

    /** Without repeating anything. */
    HttpResponse<ArrivingBody> sendOnce(Request request) {
        try {
            return follow(request);
        } catch (Unanswered failure) {
            throw Unreachable.of(failure.request, failure.why);
        }
    }

    /** Which request had no answer: after a redirect it is another one than was sent. */
    private static final class Unanswered extends Exception {
        private final transient Request request;
        private final transient IOException why;

        Unanswered(Request request, IOException why) {
            super(why);
            this.request = request;
            this.why = why;
        }
    }

    private static boolean mayPass(int status) {
        return status == 408 || status == 429 || status == 500 || status >= 502 && status <= 504;
    }

    static void pause(Request request, Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException interrupted) {
            throw interrupted(request, interrupted);
        }
    }

    private static RegistryException interrupted(Request request, InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return new RegistryException(Kind.UNAVAILABLE, request.shown() + ": context canceled", interrupted);
    }

    private HttpResponse<ArrivingBody> follow(Request request) throws Unanswered {
        Request next = request;
        try {
            for (int hops = 0; hops <= LONGEST_CHAIN; hops++) {
                HttpResponse<ArrivingBody> response = once(next);
                Optional<String> location = response.headers().firstValue("Location");
                if (!request.isRead() || !isRedirect(response.statusCode()) || location.isEmpty()) {
                    return response;
                }
                response.body().close();
                next = redirected(next, location.get());
            }
            throw new RefusedRedirectException("stopped after " + LONGEST_CHAIN + " redirects");
        } catch (IOException failure) {
            throw new Unanswered(next, failure);
        }
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static Request redirected(Request request, String location) throws RefusedRedirectException {
        URI target = resolve(request.uri(), location);
        Origin from = Origin.of(request.uri());
        Origin to = Origin.of(target);
        if (from.isEncrypted() && !to.isEncrypted()) {
            throw new RefusedRedirectException("refused to be redirected from https to " + target.getScheme() + "://" + target.getAuthority());
        }
        return (from.equals(to) ? request : request.withoutSecrets()).to(target);
    }

    /** @throws RefusedRedirectException when it leads to no web server */
    static URI resolve(URI base, String location) throws RefusedRedirectException {
        try {
            URI target = base.resolve(location);
            if (target.getHost() == null || !target.getScheme().matches("(?i)https?")) {
                throw new RefusedRedirectException("refused to be redirected to \"" + location + '"');
            }
            return target;
        } catch (IllegalArgumentException malformed) {
            throw new RefusedRedirectException("refused to be redirected to \"" + location + "\": " + malformed.getMessage());
        }
    }

    private HttpResponse<ArrivingBody> once(Request request) throws IOException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri()).method(request.method(), request.body().get());
        request.headers().forEach(builder::setHeader);
        request.secrets().forEach(builder::setHeader);
        builder.setHeader("User-Agent", "berth");
        proxies.authorization(request.uri()).ifPresent(value -> builder.setHeader("Proxy-Authorization", value));
        CompletableFuture<HttpResponse<ArrivingBody>> answer =
                client(request.tls().orElseGet(() -> trust.apply(request.uri()))).sendAsync(builder.build(), info -> new ArrivingBody(patience.stall()));
        try {
            return await(request, answer);
        } catch (InterruptedException interrupted) {
            throw interrupted(request, interrupted);
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof IOException io ? io : new IOException(failure.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private HttpResponse<ArrivingBody> await(Request request, CompletableFuture<HttpResponse<ArrivingBody>> answer)
            throws InterruptedException, ExecutionException, IOException {
        for (long before = -1, moved = request.moved().getAsLong(); moved != before; moved = request.moved().getAsLong()) {
            before = moved;
            try {
                return answer.get(patience.stall().toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException stalled) {
                // Unless the body moves on.
            }
        }
        throw new HttpTimeoutException("nothing came for " + ArrivingBody.shown(patience.stall()));
    }

    private HttpClient client(Tls tls) {
        return clients.computeIfAbsent(tls, trusted -> HttpClient.newBuilder()
                // One connection a blob: they do not wait for each other, and none needs a window of megabytes.
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .proxy(proxies.selector())
                .sslContext(TlsContexts.of(trusted))
                .executor(threads)
                .build());
    }

    @Override
    public void close() {
        clients.values().forEach(HttpClient::shutdownNow);
        threads.shutdownNow();
    }
}
