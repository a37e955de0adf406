package io.berth.store.image;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an image is for. Names are those of Go, as everywhere in this field; other spellings ({@code x86_64}, {@code aarch64})
 * are understood. Source of names and variants: containerd/platforms.
 *
 * @param variant of the architecture ({@code v8}), or empty
 */
public record Platform(String os, String architecture, String variant) {

    private static final Map<String, String> ARCHITECTURES = Map.of("x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64",
            "i386", "386", "i686", "386", "armhf", "arm", "armel", "arm");
    /** What an architecture is taken for that does not say which variant it is. */
    private static final Map<String, String> USUAL_VARIANTS = Map.of("arm64", "v8", "arm", "v7", "amd64", "v1");

    public Platform {
        os = os.toLowerCase(Locale.ROOT);
        architecture = ARCHITECTURES.getOrDefault(architecture.toLowerCase(Locale.ROOT), architecture.toLowerCase(Locale.ROOT));
        variant = variant.toLowerCase(Locale.ROOT);
    }

    /** Of this machine. */
    public static Platform here() {
        return new Platform("linux", System.getProperty("os.arch"), "");
    }

    /**
     * Reads {@code OS/ARCHITECTURE[/VARIANT]}, a single {@code OS} or {@code ARCHITECTURE}, or the JSON of an OCI platform,
     * which is how newer clients send it.
     *
     * @throws StoreException invalid
     */
    public static Platform parse(String text) {
        if (text.startsWith("{")) {
            JsonNode json = Json.parse(text.getBytes(StandardCharsets.UTF_8), "platform");
            Platform platform = new Platform(Json.text(json, "os"), Json.text(json, "architecture"), Json.text(json, "variant"));
            return platform.os.isEmpty() || platform.architecture.isEmpty() ? refuse(text) : platform;
        }
        String[] words = text.split("/", -1);
        for (String word : words) {
            if (!word.matches("[A-Za-z0-9_.-]+")) {
                return refuse(text);
            }
        }
        return switch (words.length) {
            case 1 -> List.of("linux", "windows", "darwin", "freebsd").contains(words[0].toLowerCase(Locale.ROOT))
                    ? new Platform(words[0], here().architecture, "") : new Platform(here().os, words[0], "");
            case 2 -> new Platform(words[0], words[1], "");
            case 3 -> new Platform(words[0], words[1], words[2]);
            default -> refuse(text);
        };
    }

    private static Platform refuse(String text) {
        throw StoreException.invalid("\"" + text + "\" is an invalid OS and architecture: they are written os[/arch[/variant]]");
    }

    /** Whether an image for this platform is what somebody means who asks for {@code wanted}. */
    public boolean satisfies(Platform wanted) {
        return os.equals(wanted.os) && architecture.equals(wanted.architecture) && usualVariant().equals(wanted.usualVariant());
    }

    private String usualVariant() {
        return variant.isEmpty() ? USUAL_VARIANTS.getOrDefault(architecture, "") : variant;
    }

    /** The manifest of an index that is for {@code wanted}; an index with a single image is for everybody who asks for nothing. */
    public static Optional<Manifest.Descriptor> choose(Manifest.Index index, Optional<Platform> wanted) {
        List<Manifest.Descriptor> images = index.images();
        if (wanted.isEmpty() && images.size() == 1) {
            return Optional.of(images.getFirst());
        }
        Platform platform = wanted.orElseGet(Platform::here);
        return images.stream().filter(image -> image.platform().filter(offered -> offered.satisfies(platform)).isPresent()).findFirst();
    }

    @Override
    public String toString() {
        return os + '/' + architecture + (variant.isEmpty() ? "" : '/' + variant);
    }
}
