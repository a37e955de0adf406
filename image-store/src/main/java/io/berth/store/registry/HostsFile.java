package io.berth.store.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.berth.store.image.Json;
import io.berth.store.registry.RegistryException.Kind;
import io.berth.store.registry.RegistryHost.Capability;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads containerd's hosts.toml (its docs/hosts.md). */
final class HostsFile {

    private final Path file;
    private final JsonNode root;

    private HostsFile(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    static HostsFile read(Path file) {
        try {
            return new HostsFile(file, new TomlMapper().readTree(file.toFile()));
        } catch (IOException malformed) {
            throw refuse(file, malformed.getMessage());
        }
    }

    private static RegistryException refuse(Path file, String why) {
        return new RegistryException(Kind.UNAVAILABLE, "read " + file + ": " + why);
    }

    /**
     * The hosts of a registry, the registry itself the last.
     *
     * @param server to use when the file names none
     */
    List<RegistryHost> hosts(String server, InsecureRegistries insecure) {
        List<RegistryHost> hosts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> host : root.path("host").properties()) {
            hosts.add(host(host.getKey(), host.getValue(), insecure, false));
        }
        String named = Json.text(root, "server");
        hosts.add(host(named.isEmpty() ? server : named, root, insecure, true));
        return hosts;
    }

    private RegistryHost host(String address, JsonNode table, InsecureRegistries insecure, boolean itself) {
        URI uri;
        try {
            uri = URI.create(address.contains("://") ? address : "https://" + address);
        } catch (IllegalArgumentException malformed) {
            throw refuse(file, "\"" + address + "\" is no address");
        }
        if (uri.getHost() == null || !uri.getScheme().matches("https?")) {
            throw refuse(file, "\"" + address + "\" is no address of a registry, such as https://HOST:PORT");
        }
        boolean careless = insecure.contains(uri.getAuthority());
        Tls tls = Tls.of(files(table.path("ca")), clients(table.path("client")), table.path("skip_verify").asBoolean() || careless);
        return new RegistryHost(base(uri, table.path("override_path").asBoolean()), capabilities(table.path("capabilities")), tls,
                careless && uri.getScheme().equals("https"), headers(table.path("header")), itself);
    }

    private static URI base(URI uri, boolean asGiven) {
        String path = uri.getRawPath().replaceFirst("/+$", "");
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + (asGiven || path.endsWith("/v2") ? path : path + "/v2"));
    }

    private Set<Capability> capabilities(JsonNode array) {
        if (array.isEmpty()) {
            return EnumSet.allOf(Capability.class);
        }
        Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
        for (JsonNode word : array) {
            switch (word.asText().toLowerCase(Locale.ROOT)) {
                case "pull" -> capabilities.add(Capability.PULL);
                case "resolve" -> capabilities.add(Capability.RESOLVE);
                case "push" -> capabilities.add(Capability.PUSH);
                default -> throw refuse(file, "unknown capability " + word.asText());
            }
        }
        return capabilities;
    }

    /** One, or an array of them. */
    private List<Path> files(JsonNode value) {
        List<Path> files = new ArrayList<>();
        if (value.isTextual()) {
            files.add(resolve(value));
        }
        if (value.isArray()) {
            value.forEach(element -> files.add(resolve(element)));
        }
        return files;
    }

    /** A file with both, several of them, or pairs of certificate and key. */
    private List<Tls.Client> clients(JsonNode value) {
        List<Tls.Client> clients = new ArrayList<>();
        if (value.isTextual()) {
            clients.add(new Tls.Client(resolve(value), resolve(value)));
        }
        if (value.isArray()) {
            for (JsonNode element : value) {
                JsonNode certificate = element.isArray() ? element.path(0) : element;
                JsonNode key = element.isArray() && !element.path(1).asText().isEmpty() ? element.path(1) : certificate;
                clients.add(new Tls.Client(resolve(certificate), resolve(key)));
            }
        }
        return clients;
    }

    private Path resolve(JsonNode path) {
        return file.resolveSibling(path.asText());
    }

    private static Map<String, String> headers(JsonNode table) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> header : table.properties()) {
            headers.put(header.getKey(), String.join(", ", Json.texts(table, header.getKey())));
        }
        return headers;
    }
}
