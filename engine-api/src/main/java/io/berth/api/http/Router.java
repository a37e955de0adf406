package io.berth.api.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Finds the handler of a request. Routes are tried in the order in which they were added. Filled before the server starts, not
 * changed afterwards.
 */
public final class Router {
    /** Routes by method and first segment of the path, so that a request tries a handful of patterns and not all. */
    private final Map<String, List<Route>> routes = new HashMap<>();
    private final UnaryOperator<RuntimeException> translator;

    public Router() {
        this(UnaryOperator.identity());
    }

    /** @param translator turns failures of what the handlers call into {@link ApiException}s; others are errors of the engine */
    public Router(UnaryOperator<RuntimeException> translator) {
        this.translator = translator;
    }

    /**
     * @param template a path such as {@code /containers/{id}/json} or {@code /images/{name:.*}/json}; its first segment is literal
     */
    public Router add(String method, String template, Handler handler) {
        return add(method, template, handler, false);
    }

    /** A handler that may wait long: for a client, a container, another host. It gets a virtual thread. */
    public Router addLasting(String method, String template, Handler handler) {
        return add(method, template, handler, true);
    }

    private Router add(String method, String template, Handler handler, boolean lasting) {
        routes.computeIfAbsent(key(method, template), key -> new ArrayList<>()).add(new Route(template, translated(handler), lasting));
        return this;
    }

    private Handler translated(Handler handler) {
        return exchange -> {
            try {
                handler.handle(exchange);
            } catch (RuntimeException failure) {
                throw translator.apply(failure);
            }
        };
    }

    Optional<Match> find(String method, String path) {
        for (Route route : routes.getOrDefault(key(method, path), List.of())) {
            Optional<Map<String, String>> parameters = route.match(path);
            if (parameters.isPresent()) {
                return Optional.of(new Match(route.handler(), route.lasting(), parameters.get()));
            }
        }
        return Optional.empty();
    }

    private static String key(String method, String path) {
        int end = path.indexOf('/', 1);
        return method + " " + (end < 0 ? path : path.substring(0, end));
    }

    record Match(Handler handler, boolean lasting, Map<String, String> parameters) {
    }
}
