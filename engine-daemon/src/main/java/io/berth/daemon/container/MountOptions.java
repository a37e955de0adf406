package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.Mount;
import io.berth.api.wire.container.MountPoint;
import io.berth.linux.file.BytePath;
import io.berth.linux.file.FileName;
import io.berth.linux.mount.MountCalls;
import io.berth.linux.mount.MountSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The user's mounts, from {@code -v}, {@code --mount} and {@code --tmpfs}: files of the host and file systems in memory. */
final class MountOptions {

    private static final long TMPFS_ATTRIBUTES = MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_DEVICES | MountCalls.ATTR_NO_EXEC;

    /** What may be mounted over in /proc: files of figures, which lxcfs for one replaces. The reference engine's list. */
    private static final Set<String> IN_PROC = Set.of("/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps",
            "/proc/uptime", "/proc/loadavg", "/proc/slabinfo", "/proc/net/dev", "/proc/sys/kernel/ns_last_pid");

    private MountOptions() {
    }

    /**
     * A file or directory of the host at a place in the container, as {@code -v} writes it.
     *
     * @param create whether a missing source becomes a directory; {@code --mount} wants it to be there
     */
    record HostFile(String source, String destination, String mode, boolean readOnly, boolean recursive, boolean create) {
    }

    /** In the order of their depth, so that what lies below another comes after it. */
    static List<MountSpec> specs(HostConfig host) {
        List<MountSpec> specs = new ArrayList<>();
        hostFiles(host).forEach(file -> specs.add(new MountSpec.Bind(BytePath.of(file.source()), BytePath.of(file.destination()),
                file.readOnly(), file.recursive())));
        host.tmpfs.forEach((path, options) -> specs.add(tmpfs(path, options)));
        for (Mount mount : host.mounts) {
            if (mount.type().equals("tmpfs")) {
                specs.add(tmpfs(mount));
            }
        }
        refuseDuplicates(specs);
        specs.sort(Comparator.comparingLong(spec -> spec.destination().toString().chars().filter(c -> c == '/').count()));
        return List.copyOf(specs);
    }

    /** What {@code -v} names and the host does not have becomes a directory. */
    static List<BytePath> madeSources(HostConfig host) {
        return hostFiles(host).stream().filter(HostFile::create).map(file -> BytePath.of(file.source())).toList();
    }

    /** The mounts as list and inspect show them. */
    static List<MountPoint> shown(HostConfig host) {
        List<MountPoint> points = new ArrayList<>();
        hostFiles(host).forEach(file -> points.add(new MountPoint("bind", "", file.source(), file.destination(), "", file.mode(),
                !file.readOnly(), "rprivate")));
        for (Mount mount : host.mounts) {
            if (mount.type().equals("tmpfs")) {
                points.add(new MountPoint("tmpfs", "", "", mount.target(), "", "", !mount.readOnly(), ""));
            }
        }
        return points;
    }

    static List<HostFile> hostFiles(HostConfig host) {
        List<HostFile> files = new ArrayList<>();
        host.binds.forEach(bind -> files.add(bind(bind)));
        for (Mount mount : host.mounts) {
            switch (mount.type()) {
                case "bind" -> files.add(bind(mount));
                case "tmpfs" -> { }
                default -> throw Unsupported.unsupported("a mount of type \"" + mount.type() + "\"");
            }
        }
        return files;
    }

    /** {@code source:destination[:options]}. */
    private static HostFile bind(String bind) {
        String[] parts = bind.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw parts.length == 1 ? Unsupported.unsupported("the anonymous volume " + bind)
                    : ApiException.invalid("invalid volume specification: '" + bind + "'");
        }
        if (!parts[0].startsWith("/")) {
            throw Unsupported.unsupported("the named volume " + parts[0]);
        }
        String mode = parts.length == 3 ? parts[2] : "";
        boolean readOnly = false;
        for (String option : mode.isEmpty() ? new String[0] : mode.split(",")) {
            switch (option) {
                case "ro" -> readOnly = true;
                case "rw", "z", "Z", "rprivate", "nocopy" -> { } // z and Z concern SELinux alone
                default -> throw option.matches("r?(shared|slave)|private|rro|ro-.*") ? Unsupported.unsupported("the mount option \"" + option + "\"")
                        : ApiException.invalid("invalid volume specification: '" + bind + "': invalid mode: " + mode);
            }
        }
        return new HostFile(clean(parts[0]), destination(parts[1], bind), mode, readOnly, true, true);
    }

    private static HostFile bind(Mount mount) {
        if (!mount.source().startsWith("/")) {
            throw ApiException.invalid("invalid mount config for type \"bind\": invalid mount path: '" + mount.source() + "' mount path must be absolute");
        }
        Mount.BindOptions options = mount.bindOptions();
        boolean create = options != null && options.createMountpoint();
        boolean recursive = options == null || !options.nonRecursive();
        if (options != null && (!options.propagation().isEmpty() && !options.propagation().equals("rprivate")
                || options.readOnlyNonRecursive() || options.readOnlyForceRecursive())) {
            throw Unsupported.unsupported("a propagation or read-only option of a bind mount");
        }
        return new HostFile(clean(mount.source()), destination(mount.target(), mount.target()), "", mount.readOnly(), recursive, create);
    }

    private static String destination(String path, String whole) {
        if (!path.startsWith("/")) {
            throw ApiException.invalid("invalid volume specification: '" + whole + "': invalid mount config for type \"bind\": invalid mount path: '"
                    + path + "' mount path must be absolute");
        }
        String cleaned = clean(path);
        if ((cleaned + "/").startsWith("/proc/") && !IN_PROC.contains(cleaned)) {
            throw ApiException.invalid("invalid volume specification: '" + whole + "': \"" + cleaned + "\" cannot be mounted because it is inside /proc");
        }
        if (cleaned.equals("/")) {
            throw ApiException.invalid("invalid volume specification: '" + whole + "': invalid specification: destination can't be '/'");
        }
        return cleaned;
    }

    /** Without doubled slashes, dots and a slash at the end. */
    private static String clean(String path) {
        return BytePath.of(path).names().stream().map(FileName::toString).collect(Collectors.joining("/", "/", ""));
    }

    private static MountSpec tmpfs(String path, String text) {
        long attributes = TMPFS_ATTRIBUTES;
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : text.isEmpty() ? new String[0] : text.split(",")) {
            String[] pair = option.split("=", 2);
            if (pair.length == 2 && List.of("size", "mode", "uid", "gid", "nr_inodes", "nr_blocks").contains(pair[0])) {
                options.put(pair[0], pair[1]);
            } else {
                attributes = attribute(option, attributes, text);
            }
        }
        return new MountSpec.Tmpfs(BytePath.of(destination(path, path)), attributes, options);
    }

    private static long attribute(String option, long attributes, String all) {
        return switch (option) {
            case "ro" -> attributes | MountCalls.ATTR_READ_ONLY;
            case "rw" -> attributes & ~MountCalls.ATTR_READ_ONLY;
            case "exec" -> attributes & ~MountCalls.ATTR_NO_EXEC;
            case "noexec" -> attributes | MountCalls.ATTR_NO_EXEC;
            case "suid" -> attributes & ~MountCalls.ATTR_NO_SUID;
            case "nosuid" -> attributes | MountCalls.ATTR_NO_SUID;
            case "dev" -> attributes & ~MountCalls.ATTR_NO_DEVICES;
            case "nodev" -> attributes | MountCalls.ATTR_NO_DEVICES;
            default -> throw ApiException.invalid("invalid tmpfs option [\"" + option + "\"] in \"" + all + "\"");
        };
    }

    private static MountSpec tmpfs(Mount mount) {
        if (!mount.source().isEmpty()) {
            throw ApiException.invalid("invalid mount config for type \"tmpfs\": field Source must not be specified");
        }
        Map<String, String> options = new LinkedHashMap<>();
        if (mount.tmpfsOptions() != null) {
            if (!mount.tmpfsOptions().options().isEmpty()) {
                throw Unsupported.unsupported("TmpfsOptions.Options");
            }
            if (mount.tmpfsOptions().sizeBytes() > 0) {
                options.put("size", Long.toString(mount.tmpfsOptions().sizeBytes()));
            }
            if (mount.tmpfsOptions().mode() > 0) {
                options.put("mode", Integer.toOctalString(mount.tmpfsOptions().mode()));
            }
        }
        long attributes = mount.readOnly() ? TMPFS_ATTRIBUTES | MountCalls.ATTR_READ_ONLY : TMPFS_ATTRIBUTES;
        return new MountSpec.Tmpfs(BytePath.of(destination(mount.target(), mount.target())), attributes, options);
    }

    private static void refuseDuplicates(List<MountSpec> specs) {
        for (MountSpec spec : specs) {
            if (specs.stream().filter(other -> other.destination().equals(spec.destination())).count() > 1) {
                throw ApiException.invalid("Duplicate mount point: " + spec.destination());
            }
        }
    }
}
