package io.berth.api.container;

import io.berth.api.http.ApiException;
import io.berth.api.http.ApiVersion;
import io.berth.api.http.Exchange;
import io.berth.api.http.JsonLines;
import io.berth.api.http.Router;
import io.berth.api.http.TerminalSize;
import io.berth.api.wire.container.CreateContainerBody;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.InspectContainer;
import io.berth.api.wire.container.StatsResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The container part of the API: reads requests, calls {@link ContainerOperations}, writes responses. */
public final class ContainerRoutes {
    private static final String RAW = "application/vnd.docker.raw-stream";
    private static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";
    private static final ApiVersion FIRST_TO_TELL_FRAMES = new ApiVersion(1, 42);
    /** Bytes that are more than an empty JSON object, which clients do send. */
    private static final int SMALLEST_CONFIG = 3;
    /** Before it a wait had one meaning, and was answered at once only when it was over. */
    private static final ApiVersion FIRST_WITH_CONDITIONS = new ApiVersion(1, 30);
    private static final Set<String> LIST_FILTERS = Set.of("ancestor", "before", "exited", "expose", "health", "id", "is-task",
            "isolation", "label", "name", "network", "publish", "since", "status", "volume");

    private final ContainerOperations containers;

    public ContainerRoutes(ContainerOperations containers) {
        this.containers = containers;
    }

    public void addTo(Router router) {
        router.add("GET", "/containers/json", this::list)
                .add("POST", "/containers/create", this::create)
                .add("GET", "/containers/{id:.*}/json", this::inspect)
                .add("GET", "/containers/{id:.*}/top", this::top)
                .addLasting("GET", "/containers/{id:.*}/logs", this::logs)
                .add("POST", "/containers/{id:.*}/resize", this::resize)
                .add("POST", "/containers/{id:.*}/start", this::start)
                .addLasting("POST", "/containers/{id:.*}/stop", this::stop)
                .addLasting("POST", "/containers/{id:.*}/restart", this::restart)
                .addLasting("POST", "/containers/{id:.*}/kill", this::kill)
                .add("POST", "/containers/{id:.*}/pause", this::pause)
                .add("POST", "/containers/{id:.*}/unpause", this::unpause)
                .add("POST", "/containers/{id:.*}/rename", this::rename)
                .add("POST", "/containers/{id:.*}/update", this::update)
                .addLasting("GET", "/containers/{id:.*}/stats", this::stats)
                .add("POST", "/containers/prune", this::prune)
                .addLasting("POST", "/containers/{id:.*}/attach", this::attach)
                .addLasting("GET", "/containers/{id:.*}/attach/ws", this::attachWebSocket)
                .addLasting("POST", "/containers/{id:.*}/wait", this::await)
                .add("DELETE", "/containers/{id:.*}", this::remove);
    }

    private void list(Exchange exchange) throws IOException {
        OptionalInt limit = exchange.query().integer("limit");
        ListContainers request = new ListContainers(exchange.query().flag("all"),
                limit.isPresent() && limit.getAsInt() > 0 ? limit : OptionalInt.empty(),
                exchange.query().flag("size"), exchange.filters().requireKnown(LIST_FILTERS));
        exchange.respond(200, containers.list(request));
    }

    private void create(Exchange exchange) throws IOException {
        CreateContainerBody body = exchange.json(CreateContainerBody.class);
        if (body.given().isEmpty()) {
            throw ApiException.invalid("config cannot be empty in order to create a container");
        }
        exchange.respond(201, containers.create(
                new CreateContainer(exchange.query().optional("name"), exchange.query().optional("platform"), body)));
    }

    private void inspect(Exchange exchange) throws IOException {
        exchange.respond(200, containers.inspect(exchange.parameter("id"), exchange.query().flag("size")));
    }

    private void top(Exchange exchange) throws IOException {
        exchange.respond(200, containers.top(exchange.parameter("id"), exchange.query().text("ps_args", "-ef")));
    }

    private void logs(Exchange exchange) throws Exception {
        LogsRequest request = new LogsRequest(exchange.parameter("id"), exchange.query().flag("stdout"),
                exchange.query().flag("stderr"), exchange.query().instant("since"), exchange.query().instant("until"),
                tail(exchange.query().text("tail")), exchange.query().flag("follow"), exchange.query().flag("timestamps"),
                exchange.query().flag("details"));
        if (!request.stdout() && !request.stderr()) {
            throw ApiException.invalid("Bad parameters: you must choose at least one stream");
        }
        try (LogStream log = containers.logs(request)) {
            OutputStream out = exchange.stream(200, contentType(exchange, log.tty()));
            exchange.whileClientStays(() -> {
                log.copyTo(new FrameSink(out, !log.tty()));
                return true;
            });
        }
    }

    /** As the reference: anything that is not a number means all. */
    private static OptionalInt tail(String text) {
        try {
            int lines = Integer.parseInt(text);
            return lines < 0 ? OptionalInt.empty() : OptionalInt.of(lines);
        } catch (NumberFormatException all) {
            return OptionalInt.empty();
        }
    }

    private void resize(Exchange exchange) throws IOException {
        TerminalSize size = TerminalSize.of(exchange.query());
        containers.resize(exchange.parameter("id"), size.height(), size.width());
        exchange.respond(200);
    }

    private void start(Exchange exchange) throws IOException {
        if (exchange.body().readNBytes(SMALLEST_CONFIG).length == SMALLEST_CONFIG) {
            throw ApiException.invalid("starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24");
        }
        containers.start(exchange.parameter("id"), exchange.query().optional("detachKeys"));
        exchange.respond(204);
    }

    private void stop(Exchange exchange) throws IOException {
        containers.stop(exchange.parameter("id"), exchange.query().optional("signal"), exchange.query().integer("t"));
        exchange.respond(204);
    }

    private void restart(Exchange exchange) throws IOException {
        containers.restart(exchange.parameter("id"), exchange.query().optional("signal"), exchange.query().integer("t"));
        exchange.respond(204);
    }

    private void kill(Exchange exchange) throws IOException {
        containers.kill(exchange.parameter("id"), exchange.query().text("signal", "KILL"));
        exchange.respond(204);
    }

    private void pause(Exchange exchange) throws IOException {
        containers.pause(exchange.parameter("id"));
        exchange.respond(204);
    }

    private void unpause(Exchange exchange) throws IOException {
        containers.unpause(exchange.parameter("id"));
        exchange.respond(204);
    }

    private void rename(Exchange exchange) throws IOException {
        containers.rename(exchange.parameter("id"), exchange.query().text("name"));
        exchange.respond(204);
    }

    private void stats(Exchange exchange) throws Exception {
        boolean stream = exchange.query().flag("stream", true);
        boolean oneShot = exchange.query().flag("one-shot");
        if (stream && oneShot) {
            throw ApiException.invalid("cannot have stream=true and one-shot=true");
        }
        if (oneShot) {
            exchange.respond(200, containers.stats(exchange.parameter("id")));
            return;
        }
        try (StatsStream readings = containers.streamStats(exchange.parameter("id"))) {
            if (stream) {
                JsonLines lines = exchange.jsonLines();
                exchange.whileClientStays(() -> {
                    for (Optional<StatsResponse> next = readings.next(); next.isPresent(); next = readings.next()) {
                        lines.write(next.get());
                    }
                    return true;
                });
            } else {
                exchange.respond(200, exchange.whileClientStays(() -> comparable(readings)));
            }
        }
    }

    /** The first reading that has one before it, so that clients can tell how fast things go; of what does not run, zeros. */
    private static StatsResponse comparable(StatsStream readings) throws InterruptedException {
        StatsResponse last = new StatsResponse();
        for (Optional<StatsResponse> next = readings.next(); next.isPresent(); next = readings.next()) {
            last = next.get();
            boolean running = !last.read.equals(InspectContainer.NEVER);
            if (!running || !last.preread.equals(InspectContainer.NEVER)) {
                break;
            }
        }
        return last;
    }

    private void update(Exchange exchange) throws IOException {
        HostConfig limits = exchange.jsonIfAny(HostConfig.class).orElseGet(HostConfig::new);
        exchange.respond(200, containers.update(exchange.parameter("id"), limits));
    }

    private void prune(Exchange exchange) throws IOException {
        exchange.respond(200, containers.prune(exchange.filters()));
    }

    private void attach(Exchange exchange) throws IOException {
        AttachRequest request = attachRequest(exchange);
        boolean[] switched = {false};
        try {
            containers.attach(request, tty -> {
                switched[0] = true;
                // Only who asked for the upgrade is told of the frames, which are there all the same.
                return exchange.hijack(exchange.header("Upgrade").isPresent() ? contentType(exchange, tty) : RAW);
            });
        } catch (ApiException refusal) {
            if (switched[0]) {
                throw refusal;
            }
            // The reference has announced a raw stream by now, and so its refusal is a bare text.
            exchange.respondText(refusal.kind().status(), RAW, refusal.getMessage() + "\r\n");
        }
    }

    /** Never with frames, and a refusal is an ordinary one. */
    private void attachWebSocket(Exchange exchange) throws IOException {
        containers.attach(attachRequest(exchange), tty -> exchange.webSocket());
    }

    private static AttachRequest attachRequest(Exchange exchange) {
        return new AttachRequest(exchange.parameter("id"), exchange.query().flag("logs"),
                exchange.query().flag("stream"), exchange.query().flag("stdin"), exchange.query().flag("stdout"),
                exchange.query().flag("stderr"), exchange.query().optional("detachKeys"));
    }

    private static String contentType(Exchange exchange, boolean tty) {
        return tty || exchange.version().isBefore(FIRST_TO_TELL_FRAMES) ? RAW : MULTIPLEXED;
    }

    private void await(Exchange exchange) throws Exception {
        boolean oldClient = exchange.version().isBefore(FIRST_WITH_CONDITIONS);
        WaitCondition condition = oldClient ? WaitCondition.NOT_RUNNING : WaitCondition.parse(exchange.query().text("condition"));
        try (WaitHandle wait = containers.registerWait(exchange.parameter("id"), condition)) {
            if (oldClient) {
                exchange.respond(200, exchange.whileClientStays(wait::await));
                return;
            }
            JsonLines lines = exchange.jsonLines();
            lines.write(exchange.whileClientStays(wait::await));
        }
    }

    private void remove(Exchange exchange) throws IOException {
        containers.remove(new RemoveContainer(exchange.parameter("id"), exchange.query().flag("force"),
                exchange.query().flag("v"), exchange.query().flag("link")));
        exchange.respond(204);
    }
}
