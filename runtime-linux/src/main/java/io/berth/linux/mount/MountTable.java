package io.berth.linux.mount;

import io.berth.linux.file.BytePath;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mounts that the daemon sees, from /proc/self/mountinfo (proc_pid_mountinfo(5)); read when somebody asks for propagation. */
public final class MountTable {

    /** @param peers the optional fields, such as {@code shared:2 master:1} */
    private record Line(String mountPoint, String peers) {
        boolean covers(String path) {
            return mountPoint.equals("/") || path.equals(mountPoint) || path.startsWith(mountPoint + "/");
        }
    }

    private final List<Line> lines = new ArrayList<>();

    private MountTable() {
    }

    private static MountTable read() {
        try {
            // Paths are bytes; as Latin-1 each of them keeps its own.
            return parse(Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1));
        } catch (IOException failure) {
            throw new UncheckedIOException("read /proc/self/mountinfo", failure);
        }
    }

    static MountTable parse(List<String> mountinfo) {
        MountTable table = new MountTable();
        for (String line : mountinfo) {
            String[] fields = line.split(" ");
            int separator = List.of(fields).indexOf("-");
            table.lines.add(new Line(unescaped(fields[4]), String.join(" ", List.of(fields).subList(6, separator))));
        }
        return table;
    }

    /** Where something is mounted, in the order in which it was. */
    static List<String> mountPoints() {
        return read().lines.stream().map(line -> new String(line.mountPoint().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)).toList();
    }

    /**
     * Refuses a propagation that the mount of the host which a file is on does not allow.
     *
     * @throws MountFailure with the reference's words
     */
    public static void require(Kernel kernel, Propagation propagation, BytePath path) {
        if (!propagation.isPrivate()) {
            read().require(propagation, new MountSources(kernel).withoutLinks(path));
        }
    }

    /** @param path without links */
    void require(Propagation propagation, String path) {
        Line mount = mountOf(path);
        boolean shared = mount.peers().contains("shared:");
        if (propagation.isShared() && !shared) {
            throw new MountFailure("path " + path + " is mounted on " + mount.mountPoint() + " but it is not a shared mount");
        }
        if (!propagation.isPrivate() && !shared && !mount.peers().contains("master:")) {
            throw new MountFailure("path " + path + " is mounted on " + mount.mountPoint() + " but it is not a shared or slave mount");
        }
    }

    /** The last line with the longest mount point: later mounts cover earlier ones. */
    private Line mountOf(String path) {
        Line deepest = new Line("/", "");
        for (Line line : lines) {
            if (line.covers(path) && line.mountPoint().length() >= deepest.mountPoint().length()) {
                deepest = line;
            }
        }
        return deepest;
    }

    /** Spaces, tabs, line ends and backslashes are octal there. */
    private static String unescaped(String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
    }
}
