package io.berth.api.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.berth.api.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads a JSON body under the reference's rules, with its words where clients may know them. */
final class JsonBody {
    private static final int LIMIT = 16 << 20;

    /** Why a body without a value in it is refused. */
    static final String NOTHING = "invalid JSON: got EOF while reading request body";

    private JsonBody() {
    }

    /** Empty when the request has no body; its type is checked first, unless there is neither. */
    static <T> Optional<T> read(Optional<String> contentType, InputStream body, Class<T> type) throws IOException {
        byte[] bytes = body.readNBytes(LIMIT + 1);
        if (bytes.length > LIMIT) {
            throw ApiException.invalid("the request body is larger than " + LIMIT + " bytes");
        }
        if (contentType.isPresent() || bytes.length > 0) {
            requireJson(contentType.orElse(""));
        }
        if (bytes.length == 0) {
            return Optional.empty();
        }
        if (new String(bytes, StandardCharsets.ISO_8859_1).isBlank()) {
            throw ApiException.invalid(NOTHING);
        }
        try (JsonParser parser = Json.mapper().createParser(bytes)) {
            T value = parser.readValueAs(type);
            requireEnd(parser);
            // null is a value with nothing in it, as for the reference
            return Optional.of(value == null ? Json.mapper().readValue("{}", type) : value);
        } catch (JsonEOFException failure) {
            throw ApiException.invalid("invalid JSON: unexpected EOF");
        } catch (MismatchedInputException failure) {
            throw ApiException.invalid("invalid JSON: " + mismatch(failure));
        } catch (JsonProcessingException failure) {
            throw ApiException.invalid("invalid JSON: " + failure.getOriginalMessage());
        }
    }

    private static void requireJson(String contentType) {
        String mediaType = contentType.split(";", 2)[0].strip();
        if (!mediaType.equalsIgnoreCase("application/json")) {
            throw ApiException.invalid(mediaType.isEmpty() ? "malformed Content-Type header (" + contentType + "): mime: no media type"
                    : "unsupported Content-Type header (" + mediaType + "): must be 'application/json'");
        }
    }

    private static void requireEnd(JsonParser parser) throws IOException {
        try {
            if (parser.nextToken() == null) {
                return;
            }
        } catch (JsonProcessingException garbage) {
            throw new ApiException(ApiException.Kind.INVALID, "unexpected content after JSON", garbage);
        }
        throw ApiException.invalid("unexpected content after JSON");
    }

    private static String mismatch(MismatchedInputException failure) {
        String field = failure.getPath().stream().map(JsonMappingException.Reference::getFieldName)
                .filter(name -> name != null).collect(Collectors.joining("."));
        String wanted = switch (failure.getTargetType()) {
            case null -> "something else";
            case Class<?> type when type == String.class -> "a text";
            case Class<?> type when type == boolean.class || type == Boolean.class -> "true or false";
            case Class<?> type when type.isPrimitive() || Number.class.isAssignableFrom(type) -> "a whole number in range";
            case Class<?> type when List.class.isAssignableFrom(type) -> "a list";
            default -> "an object";
        };
        return "field " + (field.isEmpty() ? "(the whole body)" : field) + " must be " + wanted;
    }
}
