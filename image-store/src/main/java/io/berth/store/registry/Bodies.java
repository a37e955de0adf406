package io.berth.store.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.berth.store.content.StoreException;
import io.berth.store.image.Json;
import io.berth.store.registry.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;

/** Reads whole answers, of a size that nobody can abuse. */
final class Bodies {

    private static final int LARGEST_DOCUMENT = 4 << 20;
    private static final int LARGEST_ERROR = 64 << 10;

    private Bodies() {}

    /** @throws RegistryException invalid when it is over 4 MiB, unavailable when the connection breaks */
    static byte[] document(HttpResponse<ArrivingBody> response, String what) {
        try (InputStream body = response.body()) {
            byte[] content = body.readNBytes(LARGEST_DOCUMENT + 1);
            if (content.length > LARGEST_DOCUMENT) {
                throw new RegistryException(Kind.INVALID, "read " + what + ": it is over 4 MiB, which is the most that is taken");
            }
            return content;
        } catch (IOException failure) {
            throw new RegistryException(Kind.UNAVAILABLE, "read " + what + ": " + failure.getMessage(), failure);
        }
    }

    /** The JSON that a refusal came with, or nothing. */
    static JsonNode errorJson(HttpResponse<ArrivingBody> response) {
        try (InputStream body = response.body()) {
            return Json.parse(body.readNBytes(LARGEST_ERROR), "error");
        } catch (IOException | StoreException none) {
            return MissingNode.getInstance();
        }
    }

    static void discard(HttpResponse<ArrivingBody> response) {
        try (InputStream body = response.body()) {
            body.skip(LARGEST_ERROR);
        } catch (IOException nobodyMinds) {
            // The connection is not used again.
        }
    }
}
