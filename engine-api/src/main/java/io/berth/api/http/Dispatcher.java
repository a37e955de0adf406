package io.berth.api.http;

import io.berth.api.wire.ErrorResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the handler of each request, runs it on a thread that suits it, and turns what it throws into a response. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    /** Below this version the reference answers an outdated client in plain text. */
    private static final ApiVersion FIRST_WITH_JSON_ERRORS = new ApiVersion(1, 24);

    private final Router router;
    private final ServerOptions options;
    private final Executor threads;
    private final ThreadFactory lastingThreads = Thread.ofVirtual().name("api-", 1).factory();
    private final AtomicInteger running = new AtomicInteger();
    private final Semaphore ended = new Semaphore(0);

    Dispatcher(Router router, ServerOptions options, Executor threads) {
        this.router = router;
        this.options = options;
        this.threads = threads;
    }

    void start(HttpExchange exchange) {
        running.incrementAndGet();
        Router.Match match = find(exchange);
        Runnable work = () -> {
            try {
                run(exchange, match.handler());
            } finally {
                running.decrementAndGet();
                ended.release();
            }
        };
        if (match.lasting()) {
            lastingThreads.newThread(work).start();
        } else {
            threads.execute(work);
        }
    }

    private Router.Match find(HttpExchange exchange) {
        try {
            return route(exchange);
        } catch (RuntimeException refusal) {
            return answer(refused -> {
                throw refusal;
            });
        }
    }

    private static Router.Match answer(Handler handler) {
        return new Router.Match(handler, false, Map.of());
    }

    /** Waits until no handler runs; false when the time is over before. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (running.get() > 0) {
            if (!ended.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return running.get() == 0;
            }
        }
        return true;
    }

    private void run(HttpExchange exchange, Handler handler) {
        try {
            answer(exchange, handler);
        } catch (ClientGoneException gone) {
            LOG.debug("{} {}: {}", exchange.method(), exchange.uri(), gone.getMessage());
            exchange.breakOff();
        } catch (IOException failure) {
            if (!exchange.isClientGone()) {
                LOG.warn("{} {}: the response cannot be completed", exchange.method(), exchange.uri(), failure);
            }
            exchange.breakOff();
        } catch (Throwable failure) {
            LOG.error("{} {}: the response cannot be completed", exchange.method(), exchange.uri(), failure);
            exchange.breakOff();
        }
    }

    private void answer(HttpExchange exchange, Handler handler) throws Exception {
        try {
            handler.handle(exchange);
            exchange.handlerReturned();
        } catch (ClientGoneException gone) {
            throw gone;
        } catch (ApiException refusal) {
            if (exchange.begun()) {
                throw refusal;
            }
            LOG.debug("{} {}: {}", exchange.method(), exchange.uri(), refusal.getMessage(), refusal.getCause());
            refuse(exchange, refusal.kind().status(), refusal.getMessage());
        } catch (Exception | Error failure) {
            if (exchange.begun()) {
                throw failure;
            }
            LOG.error("{} {} fails", exchange.method(), exchange.uri(), failure);
            refuse(exchange, ApiException.Kind.INTERNAL.status(), "internal error of the engine, see its log");
        }
    }

    private static void refuse(HttpExchange exchange, int status, String message) throws IOException {
        if (status == ApiException.Kind.NOT_MODIFIED.status()) {
            exchange.respond(status);
        } else {
            exchange.respond(status, new ErrorResponse(message));
        }
    }

    private Router.Match route(HttpExchange exchange) {
        if (exchange.method().equals("OPTIONS")) {
            return answer(asked -> asked.respond(200));
        }
        Optional<String> elsewhere = RequestTarget.elsewhere(exchange.uri());
        if (elsewhere.isPresent()) {
            return answer(moved -> {
                moved.setHeader("Location", elsewhere.get());
                moved.respond(301);
            });
        }
        RequestTarget target = RequestTarget.parse(exchange.uri());
        Optional<Router.Match> match = router.find(exchange.method(), target.path());
        if (match.isEmpty()) {
            return answer(refused -> refused.respond(404, new ErrorResponse("page not found")));
        }
        ApiVersion version = target.version().isEmpty() ? options.maximum() : ApiVersion.parse(target.version())
                .orElseThrow(() -> ApiException.invalid("\"" + target.version() + "\" is not a version of the API, such as "
                        + options.maximum()));
        exchange.route(target, version, match.get().parameters());
        if (options.maximum().isBefore(version)) {
            throw ApiException.invalid("client version " + version + " is too new. Maximum supported API version is "
                    + options.maximum());
        }
        return version.isBefore(options.minimum()) ? answer(outdated(version)) : match.get();
    }

    private Handler outdated(ApiVersion version) {
        String message = "client version " + version + " is too old. Minimum supported API version is " + options.minimum()
                + ", please upgrade your client to a newer version";
        if (!version.isBefore(FIRST_WITH_JSON_ERRORS)) {
            throw ApiException.invalid(message);
        }
        return exchange -> exchange.respondText(400, "text/plain; charset=utf-8", message + "\n");
    }
}
