package io.berth.store.image;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an image is for. Names are those of Go, as everywhere in this field; other spellings ({@code x86_64}, {@code aarch64})
 * are understood. Source of names and variants: containerd/platforms.
 *
 * @param variant of the architecture ({@code v8}), or empty
 */
public record Platform(String os, String architecture, String variant) {

    private static final Map<String, String> ARCHITECTURES = Map.of("x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64",
            "i386", "386", "i686", "386", "armhf", "arm", "armel", "arm");
    private static final Set<String> SYSTEMS = Set.of("linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris", "android", "aix",
            "dragonfly", "illumos", "ios", "js", "plan9");
    private static final Set<String> KNOWN_ARCHITECTURES = Set.of("386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle",
            "ppc64", "ppc64le", "riscv64", "s390x", "wasm");
    private static final String COMPONENT = "[A-Za-z0-9_.-]+";
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
     * @throws StoreException invalid, with the reference engine's text
     */
    public static Platform parse(String text) {
        if (text.startsWith("{")) {
            JsonNode json = Json.parse(text.getBytes(StandardCharsets.UTF_8), "platform");
            Platform platform = new Platform(Json.text(json, "os"), Json.text(json, "architecture"), Json.text(json, "variant"));
            if (platform.os.isEmpty() || platform.architecture.isEmpty()) {
                throw StoreException.invalid("invalid platform " + text + ": it names no os or no architecture");
            }
            return platform;
        }
        String[] words = text.split("/", -1);
        if (words.length > 3) {
            throw StoreException.invalid('"' + text + "\": cannot parse platform specifier: invalid argument");
        }
        for (String word : words) {
            if (!word.matches(COMPONENT)) {
                throw StoreException.invalid('"' + word + "\" is an invalid component of \"" + text
                        + "\": platform specifier component must match \"^" + COMPONENT + "$\": invalid argument");
            }
        }
        return words.length == 1 ? ofWord(text) : new Platform(words[0], words[1], words.length == 2 ? "" : words[2]);
    }

    private static Platform ofWord(String text) {
        Platform asSystem = new Platform(text, here().architecture, "");
        if (SYSTEMS.contains(asSystem.os)) {
            return asSystem;
        }
        Platform asArchitecture = new Platform(here().os, text, "");
        if (KNOWN_ARCHITECTURES.contains(asArchitecture.architecture)) {
            return asArchitecture;
        }
        throw StoreException.invalid('"' + text + "\": unknown operating system or architecture: invalid argument");
    }

    /** Whether an image for this platform is what somebody means who asks for {@code wanted}. */
    public boolean satisfies(Platform wanted) {
        return os.equals(wanted.os) && architecture.equals(wanted.architecture) && usualVariant().equals(wanted.usualVariant());
    }

    /** The same, also for an older variant of the architecture: what runs v2 runs v1. */
    public boolean runsOn(Platform wanted) {
        return os.equals(wanted.os) && architecture.equals(wanted.architecture) && (satisfies(wanted)
                || usualVariant().matches("v[0-9]") && wanted.usualVariant().matches("v[0-9]")
                        && usualVariant().compareTo(wanted.usualVariant()) < 0);
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
