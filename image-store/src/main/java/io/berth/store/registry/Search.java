package io.berth.store.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.StoreException;
import io.berth.store.image.Json;
import io.berth.store.registry.RegistryException.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The search of the first version of the protocol, which is the only one that clients of the Docker API know of. */
final class Search {

    private static final String HUB = "docker.io";

    private final RegistryHosts hosts;
    private final Transport transport;
    private final Patience patience;
    private final Map<URI, Boolean> plain;

    Search(RegistryHosts hosts, Transport transport, Patience patience, Map<URI, Boolean> plain) {
        this.hosts = hosts;
        this.transport = transport;
        this.patience = patience;
        this.plain = plain;
    }

    List<Found> find(String term, int limit, Credentials credentials) {
        if (term.contains("://")) {
            throw StoreException.invalid("invalid repository name: repository name (" + term + ") should not have a scheme");
        }
        int slash = term.indexOf('/');
        String first = slash < 0 ? "" : term.substring(0, slash);
        boolean named = first.equals("localhost") || first.indexOf('.') >= 0 || first.indexOf(':') >= 0;
        String domain = named ? ServerName.of(first) : HUB;
        String word = named ? term.substring(slash + 1) : term;
        RegistryHost host = host(domain);
        HostConnection connection = new HostConnection(host, transport, patience, plain,
                to -> new Authorization(Origin.of(to.base()), credentials, List.of(), new Tokens(transport, false)));
        String path = "/search?q=" + URLEncoder.encode(domain.equals(HUB) ? word.replaceFirst("^library/", "") : word, StandardCharsets.UTF_8) + "&n=" + limit;
        HttpResponse<ArrivingBody> response = connection.send("GET", path, request -> request);
        if (response.statusCode() != 200) {
            Bodies.discard(response);
            throw new RegistryException(response.statusCode() == 401 ? Kind.UNAUTHORIZED : Kind.UNAVAILABLE,
                    "Unexpected status code " + response.statusCode());
        }
        return results(Bodies.document(response, "what the search of " + domain + " found"));
    }

    /** The same server as for everything else, except that docker.io has one of its own. */
    private RegistryHost host(String domain) {
        RegistryHost registry = hosts.of(domain).stream().filter(RegistryHost::itself).findFirst().orElseThrow();
        URI base = domain.equals(HUB) ? URI.create("https://index.docker.io/v1")
                : URI.create(registry.base().getScheme() + "://" + registry.base().getRawAuthority() + "/v1");
        return new RegistryHost(base, registry.capabilities(), registry.tls(), registry.plainToo(), registry.headers(), true);
    }

    private static List<Found> results(byte[] document) {
        JsonNode json;
        try {
            json = Json.parse(document, "search results");
        } catch (StoreException malformed) {
            throw new RegistryException(Kind.INVALID, "error decoding registry search results: " + malformed.getMessage());
        }
        List<Found> found = new ArrayList<>();
        for (JsonNode result : Json.member(json, "results")) {
            found.add(new Found(Json.text(result, "name"), Json.text(result, "description"), Json.member(result, "star_count").asInt(),
                    Json.member(result, "is_official").asBoolean()));
        }
        return List.copyOf(found);
    }
}
