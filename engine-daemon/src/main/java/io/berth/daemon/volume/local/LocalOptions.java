package io.berth.daemon.volume.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The options of the driver {@code local}: {@code type}, {@code device} and {@code o} as mount(8) takes them, and {@code size}, a limit
 * for a volume on the engine's own disk.
 */
public final class LocalOptions {

    private static final String TYPE = "type";
    private static final String DEVICE = "device";
    private static final String OPTIONS = "o";
    private static final String SIZE = "size";
    /** What each of them needs beside it, in the order in which it is missed. */
    private static final Map<String, List<String>> NEEDS = Map.of(DEVICE, List.of(TYPE), TYPE, List.of(DEVICE), OPTIONS, List.of(DEVICE, TYPE),
            SIZE, List.of());
    private static final Pattern BYTES = Pattern.compile("([0-9]+)(\\.[0-9]+)? ?[kmgtpKMGTP]?[iI]?[bB]?");

    private LocalOptions() {
    }

    /** What is wrong with them, in the reference's words; empty when nothing is. */
    public static Optional<String> complaint(Map<String, String> options) {
        List<String> unknown = new ArrayList<>(options.keySet());
        unknown.removeAll(NEEDS.keySet());
        if (!unknown.isEmpty()) {
            return Optional.of("invalid option: \"" + unknown.getFirst() + "\"");
        }
        if (options.containsKey(SIZE)) {
            Matcher form = BYTES.matcher(options.get(SIZE));
            if (!form.matches()) {
                return Optional.of("invalid size: '" + options.get(SIZE) + "'");
            }
            if (!options.get(SIZE).matches("[0.]+\\D*")) {
                return Optional.of("quota size requested but no quota support");
            }
        }
        return List.of(TYPE, DEVICE, OPTIONS).stream().filter(options::containsKey).flatMap(given -> NEEDS.get(given).stream())
                .filter(needed -> !options.containsKey(needed)).findFirst().map(needed -> "missing required option: \"" + needed + "\"");
    }

    /** What has to be mounted for them; empty when they ask for a directory of the engine's own. */
    public static Optional<LocalMount> mount(Map<String, String> options) {
        String type = options.getOrDefault(TYPE, "");
        String device = options.getOrDefault(DEVICE, "");
        return type.isEmpty() && device.isEmpty() ? Optional.empty() : Optional.of(new LocalMount(type, device, options.getOrDefault(OPTIONS, "")));
    }
}
