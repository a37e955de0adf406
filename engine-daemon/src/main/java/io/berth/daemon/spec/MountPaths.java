package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.linux.file.BytePath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/** The rules for the paths of mounts, with the reference's words. */
public final class MountPaths {

    /** What may be mounted over in /proc: files of figures, which lxcfs for one replaces. The reference engine's list. */
    private static final Set<String> IN_PROC = Set.of("/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps",
            "/proc/uptime", "/proc/loadavg", "/proc/slabinfo", "/proc/net/dev", "/proc/sys/kernel/ns_last_pid");

    private MountPaths() {
    }

    /** @param type of the mount, for the message */
    static String destination(String path, String type) {
        requireAbsolute(path, type);
        String cleaned = clean(path);
        if (cleaned.equals("/")) {
            throw invalid(type, "invalid specification: destination can't be '/'");
        }
        if (cleaned.startsWith("/proc/") && !IN_PROC.contains(cleaned)) {
            throw invalid(type, "\"" + cleaned + "\" cannot be mounted because it is inside /proc");
        }
        return cleaned;
    }

    static String source(String path, String type) {
        requireAbsolute(path, type);
        return clean(path);
    }

    private static void requireAbsolute(String path, String type) {
        if (!path.startsWith("/")) {
            throw invalid(type, "invalid mount path: '" + path + "' mount path must be absolute");
        }
    }

    /** Below a volume or image: relative, and never above. */
    static String subpath(String path, String type) {
        Deque<String> names = new ArrayDeque<>();
        for (String name : path.split("/", -1)) {
            if (name.equals("..") && names.pollLast() == null || path.startsWith("/")) {
                throw invalid(type, "subpath must be a relative path within the volume");
            }
            if (!name.isEmpty() && !name.equals(".") && !name.equals("..")) {
                names.addLast(name);
            }
        }
        return String.join("/", names);
    }

    public static ApiException invalid(String type, String reason) {
        return ApiException.invalid("invalid mount config for type \"" + type + "\": " + reason);
    }

    /** Without doubled slashes, dots and a slash at the end; {@code ..} stops at the root. */
    public static String clean(String path) {
        BytePath.of(path); // refuses a NUL
        Deque<String> names = new ArrayDeque<>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.addLast(name);
            }
        }
        return "/" + String.join("/", names);
    }
}
