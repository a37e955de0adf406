package io.berth.daemon.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.daemon.conformance.Answer.Body;
import java.util.ArrayList;
import java.util.List;

/** Finds where an engine's answers differ from those of a recording: status, headers, framing, and the shape of JSON. */
public final class Comparison {

    private final String recording;
    private final List<Difference> differences = new ArrayList<>();

    private Comparison(String recording) {
        this.recording = recording;
    }

    public static List<Difference> of(Recording recording, List<Replay.Exchange> exchanges) {
        Comparison comparison = new Comparison(recording.name());
        List<Answer> expected = recording.answers();
        for (int i = 0; i < expected.size(); i++) {
            comparison.compare(exchanges.get(i).request(), expected.get(i), exchanges.get(i).answer());
        }
        return comparison.differences;
    }

    private void compare(String request, Answer expected, Answer actual) {
        if (expected.status() != actual.status()) {
            add(request, "status", expected.status() + " expected, " + actual.status() + " found: " + actual.body());
            return; // of another kind of answer nothing else can be the same
        }
        for (String name : expected.headerNames(actual)) {
            String wanted = expected.headers().getOrDefault(name, "nothing");
            String found = actual.headers().getOrDefault(name, "nothing");
            if (!wanted.equals(found)) {
                add(request, "header " + name, wanted + " expected, " + found + " found");
            }
        }
        if (expected.body() instanceof Body.Json(JsonNode shape) && actual.body() instanceof Body.Json(JsonNode value)) {
            Shape.compare("$", shape, value, (where, how) -> add(request, where, how));
        } else if (!expected.body().equals(actual.body())) {
            add(request, "body", expected.body() + " expected, " + actual.body() + " found");
        }
    }

    private void add(String request, String where, String how) {
        differences.add(new Difference(recording, request, where, how));
    }
}
