package io.berth.store.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.StoreException;
import io.berth.store.image.Json;
import io.berth.store.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The list of a repository's tags, which comes in pages; each names the next in a Link header (RFC 8288). */
final class TagPages {

    /** More than any repository has; what has more would only fill the memory. */
    private static final int MOST_TAGS = 1_000_000;
    private static final int MOST_PAGES = 10_000;
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;[^,]*rel=\"?next\"?");

    private TagPages() {}

    /** @param get asks for a page, and answers with it, never with a refusal */
    static List<String> read(HttpResponse<ArrivingBody> first, Function<URI, HttpResponse<ArrivingBody>> get, String repository) {
        List<String> tags = new ArrayList<>();
        HttpResponse<ArrivingBody> page = first;
        for (int pages = 1;; pages++) {
            int before = tags.size();
            addTo(tags, Bodies.document(page, "tags of " + repository), repository);
            Optional<URI> next = next(page);
            if (next.isEmpty()) {
                return List.copyOf(tags);
            }
            if (tags.size() > MOST_TAGS || pages == MOST_PAGES || tags.size() == before || next.get().equals(page.uri())) {
                throw invalid("list the tags of " + repository + ": the registry's list has no end");
            }
            page = get.apply(next.get());
        }
    }

    private static void addTo(List<String> tags, byte[] document, String repository) {
        JsonNode json;
        try {
            json = Json.parse(document, "tags");
        } catch (StoreException malformed) {
            throw invalid("list the tags of " + repository + ": the registry sends no JSON");
        }
        tags.addAll(Json.texts(json, "tags"));
    }

    private static Optional<URI> next(HttpResponse<ArrivingBody> page) {
        for (String header : page.headers().allValues("Link")) {
            Matcher link = NEXT.matcher(header);
            if (link.find()) {
                try {
                    return Optional.of(Transport.resolve(page.uri(), link.group(1)));
                } catch (IOException nowhere) {
                    throw invalid("list the tags of a repository: " + nowhere.getMessage());
                }
            }
        }
        return Optional.empty();
    }

    private static RegistryException invalid(String message) {
        return new RegistryException(Kind.INVALID, message);
    }
}
