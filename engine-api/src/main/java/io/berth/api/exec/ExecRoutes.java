package io.berth.api.exec;

import io.berth.api.http.ApiException;
import io.berth.api.http.ApiVersion;
import io.berth.api.http.Exchange;
import io.berth.api.http.Router;
import io.berth.api.http.TerminalSize;
import io.berth.api.wire.exec.CreateExecBody;
import io.berth.api.wire.exec.CreateExecResponse;
import io.berth.api.wire.exec.StartExecBody;
import java.io.IOException;

/** The exec part of the API: reads requests, calls {@link ExecOperations}, writes responses. */
public final class ExecRoutes {
    private static final String RAW = "application/vnd.docker.raw-stream";
    private static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";
    private static final ApiVersion FIRST_TO_TELL_FRAMES = new ApiVersion(1, 42);

    private final ExecOperations execs;

    public ExecRoutes(ExecOperations execs) {
        this.execs = execs;
    }

    public void addTo(Router router) {
        router.add("POST", "/containers/{id:.*}/exec", this::create)
                .add("POST", "/exec/{id}/start", this::start)
                .addLasting("POST", "/exec/{id}/resize", this::resize)
                .add("GET", "/exec/{id}/json", this::inspect);
    }

    private void create(Exchange exchange) throws IOException {
        CreateExecBody body = exchange.jsonIfAny(CreateExecBody.class).orElseGet(CreateExecBody::new);
        if (body.cmd.isEmpty()) {
            throw ApiException.invalid("No exec command specified");
        }
        exchange.respond(201, new CreateExecResponse(execs.create(exchange.parameter("id"), body)));
    }

    private void start(Exchange exchange) throws IOException {
        StartExecBody body = exchange.jsonIfAny(StartExecBody.class).orElseGet(StartExecBody::new);
        execs.start(exchange.parameter("id"), body, () -> exchange.hijack(contentType(exchange, body.tty)));
        if (body.detach) {
            exchange.respond(200);
        }
    }

    /** Only who asked for the upgrade is told of the frames, which are there all the same. */
    private static String contentType(Exchange exchange, boolean tty) {
        boolean tells = exchange.header("Upgrade").isPresent() && !exchange.version().isBefore(FIRST_TO_TELL_FRAMES);
        return tells && !tty ? MULTIPLEXED : RAW;
    }

    private void resize(Exchange exchange) throws Exception {
        TerminalSize size = TerminalSize.of(exchange.query());
        exchange.whileClientStays(() -> {
            execs.resize(exchange.parameter("id"), size.height(), size.width());
            return true;
        });
        exchange.respond(200);
    }

    private void inspect(Exchange exchange) throws IOException {
        exchange.respond(200, execs.inspect(exchange.parameter("id")));
    }
}
