package io.berth.api.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.berth.api.http.ApiException;
import io.berth.api.wire.Json;

/** A platform in a request: the JSON of OCI, {@code {"os":"linux","architecture":"arm64"}}, checked with the reference's words. */
final class PlatformParameter {
    private PlatformParameter() {
    }

    /** The same text, when it names an operating system and an architecture; invalid (400) otherwise. */
    static String require(String text) {
        JsonNode platform = parse(text);
        if (named(platform, "os") != named(platform, "architecture") || !named(platform, "os")) {
            boolean more = named(platform, "variant") || named(platform, "os.version") || platform.path("os.features").size() > 0;
            throw ApiException.invalid(more && !named(platform, "os") && !named(platform, "architecture")
                    ? "optional platform components provided, but OS and Architecture are empty" : "both OS and Architecture must be provided");
        }
        return text;
    }

    private static boolean named(JsonNode platform, String member) {
        return !platform.path(member).asText("").isEmpty();
    }

    private static JsonNode parse(String text) {
        String json = text.strip();
        if (json.isEmpty()) {
            throw unreadable("unexpected end of JSON input");
        }
        if ("{[\"-0123456789tfn".indexOf(json.charAt(0)) < 0) {
            throw unreadable("invalid character '" + json.charAt(0) + "' looking for beginning of value");
        }
        try {
            JsonNode platform = Json.mapper().readTree(json);
            if (!platform.isObject()) {
                throw unreadable("it is no object with \"os\" and \"architecture\"");
            }
            return platform;
        } catch (JsonProcessingException failure) {
            throw unreadable(json.endsWith("}") ? failure.getOriginalMessage() : "unexpected end of JSON input");
        }
    }

    private static ApiException unreadable(String why) {
        return ApiException.invalid("failed to parse platform: " + why);
    }
}
