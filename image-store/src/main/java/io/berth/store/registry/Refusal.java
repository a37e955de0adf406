package io.berth.store.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.image.Json;
import io.berth.store.registry.RegistryException.Kind;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * What a registry answers instead of what was asked: a status and a list of errors, in JSON if it keeps to the specification.
 *
 * @param code of the first error, {@code MANIFEST_UNKNOWN}, or empty
 * @param message in the words of the reference engine: {@code manifest unknown: manifest unknown}
 */
record Refusal(Kind kind, String code, String message) {

    private static final int LONGEST_MESSAGE = 2000;

    /** Reads the body to its end. */
    static Refusal of(HttpResponse<ArrivingBody> response) {
        int status = response.statusCode();
        JsonNode body = Bodies.errorJson(response);
        if (status == 401 || status == 403) {
            Optional<Refusal> oauth = Challenge.parse(response.headers().allValues("WWW-Authenticate")).stream()
                    .map(challenge -> challenge.parameter("error")).flatMap(error -> ofOauth(error).stream()).findFirst();
            if (oauth.isPresent()) {
                return oauth.get();
            }
        }
        JsonNode errors = Json.member(body, "errors");
        if (errors.isArray() && !errors.isEmpty()) {
            String told = StreamSupport.stream(errors.spliterator(), false).map(Refusal::sentence).collect(Collectors.joining("\n"));
            return new Refusal(kind(status), Json.text(errors.path(0), "code"),
                    printable(errors.size() == 1 ? told : "errors:\n" + told + "\n"));
        }
        // Token servers and older registries have these.
        String details = Json.text(body, "details");
        String told = printable(details.isEmpty() ? Json.text(body, "message") : details);
        return new Refusal(kind(status), "", told.isEmpty() ? withoutWords(status) : status == 401 ? "unauthorized: " + told : told);
    }

    /** RFC 6750, 3.1. */
    private static Optional<Refusal> ofOauth(String error) {
        return switch (error) {
            case "invalid_token" -> Optional.of(new Refusal(Kind.UNAUTHORIZED, "UNAUTHORIZED", "unauthorized: authentication required"));
            case "insufficient_scope" ->
                    Optional.of(new Refusal(Kind.DENIED, "DENIED", "denied: requested access to the resource is denied"));
            default -> Optional.empty();
        };
    }

    private static String sentence(JsonNode error) {
        String code = Json.text(error, "code").toLowerCase(Locale.ROOT).replace('_', ' ');
        String message = Json.text(error, "message");
        return code.isEmpty() ? message : message.isEmpty() ? code : code + ": " + message;
    }

    private static Kind kind(int status) {
        return switch (status) {
            case 401 -> Kind.UNAUTHORIZED;
            case 403 -> Kind.DENIED;
            case 404 -> Kind.NOT_FOUND;
            case 408 -> Kind.UNAVAILABLE;
            case 429 -> Kind.TOO_MANY_REQUESTS;
            default -> status >= 500 ? Kind.UNAVAILABLE : Kind.INVALID;
        };
    }

    private static String withoutWords(int status) {
        return switch (status) {
            case 401 -> "unauthorized: authentication required";
            case 403 -> "denied: requested access to the resource is denied";
            case 429 -> "toomanyrequests: too many requests";
            default -> "received unexpected HTTP status: " + Status.text(status);
        };
    }

    /** A server's words end in a terminal. */
    private static String printable(String text) {
        String plain = text.replaceAll("[\\p{Cntrl}&&[^\n]]", " ");
        return plain.length() > LONGEST_MESSAGE ? plain.substring(0, LONGEST_MESSAGE) + "…" : plain;
    }

    RegistryException exception() {
        return new RegistryException(kind, message);
    }
}
