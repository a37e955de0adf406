package io.berth.store.image;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From the JSON of an image's configuration. Tolerant of what is absent or odd, strict with what names content. */
public final class ImageConfigReader {

    private ImageConfigReader() {}

    /** @throws StoreException invalid, when it is no JSON object or its layers are not digests */
    public static ImageConfig read(byte[] document) {
        JsonNode json = Json.parse(document, "image configuration");
        if (!json.isObject()) {
            throw StoreException.invalid("read image configuration: it is not a JSON object");
        }
        List<Digest> diffIds = Json.texts(Json.member(json, "rootfs"), "diff_ids").stream().map(Digest::parse).toList();
        return new ImageConfig(Json.text(json, "created"), Json.text(json, "author"), Json.text(json, "comment"),
                Json.text(json, "os"), Json.text(json, "architecture"), Json.text(json, "variant"),
                Json.text(json, "os.version"), Json.text(json, "docker_version"),
                process(Json.member(json, "config")), history(Json.member(json, "history")), diffIds);
    }

    private static ImageConfig.Process process(JsonNode json) {
        JsonNode stopTimeout = Json.member(json, "StopTimeout");
        return new ImageConfig.Process(Json.text(json, "User"), Json.texts(json, "Env"), Json.texts(json, "Entrypoint"),
                Json.texts(json, "Cmd"), Json.text(json, "WorkingDir"), Json.names(json, "ExposedPorts"),
                Json.names(json, "Volumes"), Json.textMap(json, "Labels"), Json.text(json, "StopSignal"),
                stopTimeout.isInt() ? Optional.of(stopTimeout.intValue()) : Optional.empty(),
                healthCheck(Json.member(json, "Healthcheck")), Json.texts(json, "Shell"), Json.texts(json, "OnBuild"));
    }

    private static Optional<ImageConfig.HealthCheck> healthCheck(JsonNode json) {
        if (!json.isObject()) {
            return Optional.empty();
        }
        return Optional.of(new ImageConfig.HealthCheck(Json.texts(json, "Test"), nanos(json, "Interval"), nanos(json, "Timeout"),
                nanos(json, "StartPeriod"), nanos(json, "StartInterval"), Json.member(json, "Retries").asInt(0)));
    }

    private static Duration nanos(JsonNode json, String name) {
        return Duration.ofNanos(Json.member(json, name).asLong(0));
    }

    private static List<ImageConfig.Step> history(JsonNode json) {
        List<ImageConfig.Step> steps = new ArrayList<>();
        json.forEach(step -> steps.add(new ImageConfig.Step(Json.text(step, "created"), Json.text(step, "created_by"),
                Json.text(step, "author"), Json.text(step, "comment"), Json.member(step, "empty_layer").asBoolean(false))));
        return steps;
    }
}
