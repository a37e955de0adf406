package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.daemon.spec.ContainerMount.HostFile;
import io.berth.daemon.spec.ContainerMount.InVolume;
import io.berth.linux.mount.MountSpec.Protection;
import io.berth.linux.mount.Propagation;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code [SOURCE:]DESTINATION[:MODE]}, as {@code -v} writes a mount; a source that is no path is a volume's name. */
public final class BindText {

    /** The words of a mode, each in a group of which one may be given. SELinux labels and consistency mean nothing here. */
    private static final List<Set<String>> MODES = List.of(Set.of("ro", "rw"), Set.of("z", "Z"), Set.of("nocopy"),
            Set.of("private", "rprivate", "slave", "rslave", "shared", "rshared"), Set.of("consistent", "cached", "delegated", "default"));

    private BindText() {
    }

    static ContainerMount parse(String text, Path dataRoot) {
        String[] parts = text.split(":", -1);
        if (parts.length > 3 || parts[0].isEmpty() || parts.length > 1 && (parts[1].isEmpty() || parts.length == 2 && isMode(parts[1]))) {
            throw ApiException.invalid("invalid volume specification: '" + text + "'");
        }
        String mode = parts.length == 3 ? parts[2] : "";
        Set<String> words = words(mode);
        String destination = parts.length == 1 ? parts[0] : parts[1];
        try {
            return parts.length > 1 && parts[0].startsWith("/") ? hostFile(parts[0], destination, mode, words, dataRoot)
                    : volume(parts.length == 1 ? "" : parts[0], destination, mode, words);
        } catch (ApiException invalid) {
            throw ApiException.invalid("invalid volume specification: '" + text + "': " + invalid.getMessage());
        }
    }

    private static HostFile hostFile(String source, String destination, String mode, Set<String> words, Path dataRoot) {
        if (words.contains("nocopy")) {
            throw MountPaths.invalid("bind", "field VolumeOptions must not be specified");
        }
        String cleaned = MountPaths.source(source, "bind");
        return new HostFile(cleaned, MountPaths.destination(destination, "bind"), mode, protection(words), true,
                propagation(words).orElseGet(() -> MountOptions.usual(cleaned, dataRoot)), true);
    }

    private static InVolume volume(String name, String destination, String mode, Set<String> words) {
        if (propagation(words).isPresent()) {
            throw MountPaths.invalid("volume", "field BindOptions must not be specified");
        }
        return new InVolume(name, MountPaths.destination(destination, "volume"), mode.isEmpty() ? "z" : mode, protection(words),
                name.isEmpty(), !words.contains("nocopy"), "");
    }

    private static Protection protection(Set<String> words) {
        return words.contains("ro") ? Protection.TREE : Protection.NONE;
    }

    private static Optional<Propagation> propagation(Set<String> words) {
        return words.stream().flatMap(word -> Propagation.parse(word).stream()).findFirst();
    }

    private static boolean isMode(String text) {
        return MODES.stream().anyMatch(group -> group.contains(text));
    }

    /** @throws ApiException when a word is unknown, or one of its group has been given */
    public static Set<String> words(String mode) {
        Set<String> words = new HashSet<>();
        Set<Set<String>> groups = new HashSet<>();
        for (String word : mode.isEmpty() ? new String[0] : mode.split(",", -1)) {
            Set<String> group = MODES.stream().filter(some -> some.contains(word)).findFirst().orElse(Set.of());
            if (group.isEmpty() || !groups.add(group)) {
                throw ApiException.invalid("invalid mode: " + mode);
            }
            words.add(word);
        }
        return words;
    }
}
