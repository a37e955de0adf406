package io.berth.daemon.spec;

import static io.berth.daemon.spec.MountPaths.invalid;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.Mount;
import io.berth.daemon.spec.ContainerMount.InMemory;
import io.berth.linux.mount.MountCalls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** File systems in memory, as {@code --tmpfs} and {@code --mount type=tmpfs} write them. */
public final class TmpfsText {

    private static final long USUAL = MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_DEVICES | MountCalls.ATTR_NO_EXEC;
    /** Options with a value that tmpfs(5) knows. */
    private static final Set<String> VALUES = Set.of("size", "mode", "uid", "gid", "nr_inodes", "nr_blocks");

    private TmpfsText() {
    }

    /** @param text options between commas */
    static InMemory parse(String path, String text) {
        long attributes = USUAL;
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : text.isEmpty() ? new String[0] : text.split(",")) {
            String[] pair = option.split("=", 2);
            if (pair.length == 2 && VALUES.contains(pair[0])) {
                options.put(pair[0], pair[1]);
            } else {
                long before = attributes;
                attributes = attribute(option, before).orElseThrow(() ->
                        ApiException.invalid("invalid tmpfs option \"" + pair[0] + "\""));
            }
        }
        return new InMemory(destination(path), false, attributes, options);
    }

    /** As that of any mount, but the reference's message has no type. */
    private static String destination(String path) {
        try {
            return MountPaths.destination(path, "tmpfs");
        } catch (ApiException invalid) {
            throw ApiException.invalid(invalid.getMessage().replace("invalid mount config for type \"tmpfs\": ", ""));
        }
    }

    static InMemory parse(Mount mount) {
        if (!mount.source().isEmpty()) {
            throw invalid("tmpfs", "field Source must not be specified");
        }
        String destination = MountPaths.destination(mount.target(), "tmpfs");
        Map<String, String> options = new LinkedHashMap<>();
        long attributes = mount.readOnly() ? USUAL | MountCalls.ATTR_READ_ONLY : USUAL;
        Mount.TmpfsOptions asked = mount.tmpfsOptions();
        if (asked == null) {
            return new InMemory(destination, true, attributes, options);
        }
        if (asked.sizeBytes() < 0) {
            throw invalid("tmpfs", "the size " + asked.sizeBytes() + " is less than 0");
        }
        if (asked.sizeBytes() > 0) {
            options.put("size", Long.toString(asked.sizeBytes()));
        }
        if (asked.mode() > 0) {
            options.put("mode", Integer.toOctalString(asked.mode()));
        }
        return new InMemory(destination, true, attributes(asked.options(), attributes), options);
    }

    /** The reference's list of what this form may say is shorter than that of the other. */
    private static long attributes(List<List<String>> options, long usual) {
        long attributes = usual;
        for (List<String> option : options) {
            if (option == null || option.isEmpty() || option.size() > 2) {
                throw invalid("tmpfs", "invalid option array length");
            }
            String word = String.valueOf(option.getFirst());
            if (!word.equals("exec") && !word.equals("noexec") || option.size() == 2) {
                throw invalid("tmpfs", "invalid option: " + word);
            }
            attributes = attribute(word, attributes).orElseThrow();
        }
        return attributes;
    }

    private static OptionalLong attribute(String option, long attributes) {
        return switch (option) {
            case "ro" -> OptionalLong.of(attributes | MountCalls.ATTR_READ_ONLY);
            case "rw" -> OptionalLong.of(attributes & ~MountCalls.ATTR_READ_ONLY);
            case "exec" -> OptionalLong.of(attributes & ~MountCalls.ATTR_NO_EXEC);
            case "noexec" -> OptionalLong.of(attributes | MountCalls.ATTR_NO_EXEC);
            case "suid" -> OptionalLong.of(attributes & ~MountCalls.ATTR_NO_SUID);
            case "nosuid" -> OptionalLong.of(attributes | MountCalls.ATTR_NO_SUID);
            case "dev" -> OptionalLong.of(attributes & ~MountCalls.ATTR_NO_DEVICES);
            case "nodev" -> OptionalLong.of(attributes | MountCalls.ATTR_NO_DEVICES);
            default -> OptionalLong.empty();
        };
    }
}
