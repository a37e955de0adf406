package io.berth.api.image;

import io.berth.api.http.ApiException;
import io.berth.api.http.ApiVersion;
import io.berth.api.http.Exchange;
import io.berth.api.http.Filters;
import io.berth.api.http.Router;
import io.berth.api.registry.RegistryRoutes;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The image part of the API: reads requests, calls {@link ImageOperations}, writes responses. */
public final class ImageRoutes {
    private static final Set<String> LIST_FILTERS = Set.of("dangling", "label", "before", "since", "reference", "until");
    private static final Set<String> PRUNE_FILTERS = Set.of("dangling", "label", "label!", "until");
    private static final ApiVersion LAST_WITH_FILTER = new ApiVersion(1, 40);
    private static final ApiVersion FIRST_WITH_SHARED_SIZE = new ApiVersion(1, 42);
    private static final ApiVersion FIRST_TO_LIST_MANIFESTS = new ApiVersion(1, 47);
    private static final ApiVersion FIRST_TO_INSPECT_MANIFESTS = new ApiVersion(1, 48);
    private static final ApiVersion FIRST_TO_SAVE_PLATFORMS = new ApiVersion(1, 48);
    private static final ApiVersion FIRST_WITH_HISTORY_OF_PLATFORM = new ApiVersion(1, 48);
    private static final ApiVersion FIRST_TO_INSPECT_PLATFORM = new ApiVersion(1, 49);

    private static final ApiVersion FIRST_TO_PUSH_PLATFORM = new ApiVersion(1, 46);

    private final ImageOperations images;

    public ImageRoutes(ImageOperations images) {
        this.images = images;
    }

    public void addTo(Router router) {
        router.add("GET", "/images/json", this::list)
                .addLasting("POST", "/images/create", this::create)
                .addLasting("POST", "/images/load", this::load)
                .addLasting("GET", "/images/get", this::saveAll)
                .addLasting("GET", "/images/{name:.*}/get", this::save)
                .add("POST", "/images/prune", this::prune)
                .add("GET", "/images/{name:.*}/json", this::inspect)
                .add("GET", "/images/{name:.*}/history", this::history)
                .add("POST", "/images/{name:.*}/tag", this::tag)
                .addLasting("POST", "/images/{name:.*}/push", this::push)
                .add("DELETE", "/images/{name:.*}", this::remove);
    }

    private void list(Exchange exchange) throws IOException {
        ApiVersion version = exchange.version();
        Filters filters = exchange.filters().requireKnown(LIST_FILTERS);
        if (LAST_WITH_FILTER.compareTo(version) >= 0) {
            filters = filters.with("reference", exchange.query().text("filter"));
        }
        ListImages request = new ListImages(exchange.query().flag("all"), isIn(exchange, "shared-size", FIRST_WITH_SHARED_SIZE),
                isIn(exchange, "manifests", FIRST_TO_LIST_MANIFESTS), filters);
        exchange.respond(200, images.list(request).stream().map(image -> ImageForms.summary(image, version)).toList());
    }

    private static boolean isIn(Exchange exchange, String flag, ApiVersion since) {
        return !exchange.version().isBefore(since) && exchange.query().flag(flag);
    }

    private static Optional<String> platform(Exchange exchange, ApiVersion since) {
        return exchange.version().isBefore(since) ? Optional.empty() : exchange.query().optional("platform").map(PlatformParameter::require);
    }

    private void inspect(Exchange exchange) throws IOException {
        boolean manifests = isIn(exchange, "manifests", FIRST_TO_INSPECT_MANIFESTS);
        Optional<String> platform = platform(exchange, FIRST_TO_INSPECT_PLATFORM);
        if (manifests && platform.isPresent()) {
            throw ApiException.invalid("conflicting options: manifests and platform options cannot both be set");
        }
        exchange.respond(200, ImageForms.inspected(images.inspect(exchange.parameter("name"), platform, manifests), exchange.version()));
    }

    private void history(Exchange exchange) throws IOException {
        exchange.respond(200, images.history(exchange.parameter("name"), platform(exchange, FIRST_WITH_HISTORY_OF_PLATFORM)));
    }

    private void tag(Exchange exchange) throws IOException {
        images.tag(exchange.parameter("name"), exchange.query().text("repo"), exchange.query().text("tag"));
        exchange.respond(201);
    }

    private void remove(Exchange exchange) throws IOException {
        exchange.respond(200, images.remove(new RemoveImage(exchange.parameter("name"), exchange.query().flag("force"),
                !exchange.query().flag("noprune"), exchange.query().all("platforms").stream().map(PlatformParameter::require).toList())));
    }

    private void prune(Exchange exchange) throws IOException {
        exchange.respond(200, images.prune(exchange.filters().requireKnown(PRUNE_FILTERS)));
    }

    private void load(Exchange exchange) throws Exception {
        LoadImages request = new LoadImages(exchange.query().flag("quiet", true), platforms(exchange));
        ProgressResponse progress = new ProgressResponse(exchange);
        // The reference begins the response first, and so reports every failure in it.
        progress.begin();
        progress.run(() -> images.load(exchange.body(), request, progress));
    }

    private void save(Exchange exchange) throws IOException {
        save(exchange, List.of(exchange.parameter("name")));
    }

    private void saveAll(Exchange exchange) throws IOException {
        save(exchange, exchange.query().all("names"));
    }

    /** The stream is closed, and so the answer complete, only when all of it was written: a failure cuts the connection. */
    private void save(Exchange exchange, List<String> names) throws IOException {
        try (SavedImages saved = images.save(new SaveImages(names, platforms(exchange)))) {
            OutputStream out = exchange.stream(200, "application/x-tar");
            saved.writeTo(out);
            out.close();
        }
    }

    /** Clients of an older API that send one mean nothing by it. */
    private static List<String> platforms(Exchange exchange) {
        return exchange.version().isBefore(FIRST_TO_SAVE_PLATFORMS) ? List.of()
                : exchange.query().all("platform").stream().filter(platform -> !platform.isEmpty()).toList();
    }

    private void create(Exchange exchange) throws Exception {
        if (!exchange.query().text("fromImage").isEmpty()) {
            pull(exchange);
            return;
        }
        String source = exchange.query().text("fromSrc");
        if (source.isEmpty()) {
            throw ApiException.invalid("create an image: neither fromImage nor fromSrc is given");
        }
        List<String> changes = exchange.query().all("changes");
        ImportImage request = new ImportImage(source, exchange.query().text("repo"), exchange.query().text("tag"),
                exchange.query().text("message"), changes, exchange.query().optional("platform"));
        ProgressResponse progress = new ProgressResponse(exchange);
        progress.run(() -> images.importRoot(exchange.body(), request, progress));
    }

    private void pull(Exchange exchange) throws Exception {
        PullImage request = new PullImage(exchange.query().text("fromImage"), exchange.query().text("tag"),
                exchange.query().optional("platform").filter(platform -> !platform.isEmpty()), exchange.header(RegistryRoutes.AUTH_HEADER).orElse(""));
        ProgressResponse progress = new ProgressResponse(exchange);
        exchange.whileClientStays(() -> {
            progress.run(() -> images.pull(request, progress));
            return request;
        });
    }

    private void push(Exchange exchange) throws Exception {
        Optional<String> platform = exchange.query().text("platform").isEmpty() ? Optional.empty() : platform(exchange, FIRST_TO_PUSH_PLATFORM);
        PushImage request = new PushImage(exchange.parameter("name"), exchange.query().text("tag"), platform,
                exchange.header(RegistryRoutes.AUTH_HEADER).orElse(""));
        ProgressResponse progress = new ProgressResponse(exchange);
        exchange.whileClientStays(() -> {
            progress.run(() -> images.push(request, progress));
            return request;
        });
    }
}
