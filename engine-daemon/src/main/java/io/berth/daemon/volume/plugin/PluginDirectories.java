package io.berth.daemon.volume.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Where plugins are found by name: {@code NAME.sock} or {@code NAME/NAME.sock} among the sockets, and {@code NAME.spec} (an address) or
 * {@code NAME.json} (an object with {@code Addr}) among the descriptions, these too perhaps in a directory {@code NAME}.
 */
record PluginDirectories(Path sockets, List<Path> descriptions) {

    static final PluginDirectories USUAL = new PluginDirectories(Path.of("/run/docker/plugins"),
            List.of(Path.of("/etc/docker/plugins"), Path.of("/usr/lib/docker/plugins")));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SOCKET = ".sock";
    private static final String SPEC = ".spec";
    private static final String OBJECT = ".json";

    /** The names of all that may be plugins. */
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        collect(sockets, List.of(SOCKET), names);
        descriptions.forEach(directory -> collect(directory, List.of(SPEC, OBJECT), names));
        return names;
    }

    private static void collect(Path directory, List<String> endings, Set<String> names) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            entries.forEach(entry -> {
                String name = entry.getFileName().toString();
                for (String ending : endings) {
                    if (name.endsWith(ending)) {
                        names.add(name.substring(0, name.length() - ending.length()));
                    } else if (Files.exists(entry.resolve(name + ending))) {
                        names.add(name);
                    }
                }
            });
        } catch (IOException unreadable) {
            throw new PluginException(PluginException.Kind.UNREACHABLE, "look for plugins in " + directory + ": " + unreadable, unreadable);
        }
    }

    /** Where the plugin of that name is; no name leads out of the directories. */
    Optional<PluginAddress> find(String name) {
        if (name.isEmpty() || name.startsWith(".") || name.contains("/")) {
            return Optional.empty();
        }
        Optional<Path> socket = file(sockets, name, SOCKET);
        if (socket.isPresent()) {
            return socket.map(PluginAddress::ofSocket);
        }
        for (Path directory : descriptions) {
            Optional<Path> spec = file(directory, name, SPEC);
            if (spec.isPresent()) {
                return Optional.of(PluginAddress.parse(read(spec.get()).strip()));
            }
            Optional<Path> object = file(directory, name, OBJECT);
            if (object.isPresent()) {
                return Optional.of(ofObject(object.get()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Path> file(Path directory, String name, String ending) {
        return Stream.of(directory.resolve(name + ending), directory.resolve(name).resolve(name + ending)).filter(Files::exists).findFirst();
    }

    private static PluginAddress ofObject(Path file) {
        try {
            JsonNode object = JSON.readTree(read(file));
            if (object.path("TLSConfig").isObject()) {
                throw new PluginException(PluginException.Kind.UNREACHABLE, "legacy plugin: TLSConfig in " + file
                        + " is not supported by this version of berth");
            }
            return PluginAddress.parse(object.path("Addr").asText());
        } catch (IOException noJson) {
            throw new PluginException(PluginException.Kind.UNREACHABLE, "legacy plugin: " + file + " is no JSON: " + noJson.getMessage(), noJson);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new PluginException(PluginException.Kind.UNREACHABLE, "legacy plugin: read " + file + ": " + unreadable, unreadable);
        }
    }
}
