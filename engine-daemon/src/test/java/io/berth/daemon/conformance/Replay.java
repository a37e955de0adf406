package io.berth.daemon.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.daemon.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sends the requests of recordings to an engine, one after the other as the CLI does, and collects the answers. */
public final class Replay {

    /** A request and what came back. */
    public record Exchange(String request, Answer answer) {
    }

    private static final int PATIENCE_SECONDS = 30;

    private final Path socket;
    private final Map<String, String> variables = new TreeMap<>();

    public Replay(Path socket, Map<String, String> variables) {
        this.socket = socket;
        this.variables.putAll(variables);
    }

    public List<Exchange> run(Recording recording) {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (Recording.Request request : recording.requests()) {
            CompletableFuture<Answer> answer = send(request);
            answers.add(answer);
            if (!request.lasting()) {
                capture(request, wait(answer));
            }
        }
        List<Exchange> exchanges = new ArrayList<>();
        for (Recording.Request request : recording.requests()) {
            exchanges.add(new Exchange(request.toString(), wait(answers.get(exchanges.size())).about(new HashSet<>(variables.values()))));
        }
        return exchanges;
    }

    /** Returns when the head of the answer is there: a client goes on by then. */
    private CompletableFuture<Answer> send(Recording.Request request) {
        try {
            RawHttp http = new RawHttp(socket);
            try {
                http.send(head(request));
                http.send(body(request));
                RawHttp.Answer head = http.readHead();
                return CompletableFuture.supplyAsync(() -> rest(http, request, head), task -> Thread.ofVirtual().start(task));
            } catch (IOException failure) {
                http.close();
                throw failure;
            }
        } catch (IOException | RuntimeException failure) {
            return CompletableFuture.completedFuture(Answer.broken(failure.toString()));
        }
    }

    private static Answer rest(RawHttp http, Recording.Request request, RawHttp.Answer head) {
        try (http) {
            return Answer.of(http.readBody(request.method(), head));
        } catch (IOException | RuntimeException failure) {
            return new Answer(head.status(), Answer.of(head).headers(), new Answer.Body.Broken(failure.toString()));
        }
    }

    private static Answer wait(CompletableFuture<Answer> answer) {
        return answer.completeOnTimeout(Answer.broken("no end within " + PATIENCE_SECONDS + " s"), PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    private String head(Recording.Request request) {
        StringBuilder head = new StringBuilder(request.method() + ' ' + fill(request.path()) + " HTTP/1.1\r\nHost: api.moby.localhost\r\n"
                + "User-Agent: Docker-Client/28.2.2 (linux)\r\n");
        request.headers().forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (!isChunked(request) && (request.body().length > 0 || request.method().equals("POST"))) {
            head.append("Content-Length: ").append(request.body().length).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** Bodies are ASCII. */
    private static String body(Recording.Request request) {
        String body = new String(request.body(), StandardCharsets.US_ASCII);
        return isChunked(request) ? Integer.toHexString(request.body().length) + "\r\n" + body + "\r\n0\r\n\r\n" : body;
    }

    private static boolean isChunked(Recording.Request request) {
        return request.headers().containsKey("Transfer-Encoding");
    }

    private String fill(String path) {
        String filled = path;
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            filled = filled.replace('{' + variable.getKey() + '}', variable.getValue());
        }
        return filled;
    }

    private void capture(Recording.Request request, Answer answer) {
        if (answer.body() instanceof Answer.Body.Json(JsonNode json)) {
            request.capture().forEach((variable, pointer) -> variables.put(variable, json.at(pointer).asText()));
        }
    }
}
