package io.berth.linux.security;

import java.util.List;

/**
 * What of /proc and /sys an unprivileged container does not see, or cannot write. The lists are the reference engine's;
 * a path that the kernel does not have is passed over.
 */
public final class ProtectedPaths {

    /** A file is covered by /dev/null, a directory by an empty read-only tmpfs. */
    public static final List<String> MASKED = List.of("/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore",
            "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
            "/sys/firmware", "/sys/devices/virtual/powercap");

    /** Bound onto themselves, read-only. */
    public static final List<String> READ_ONLY = List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
            "/proc/sysrq-trigger");

    private ProtectedPaths() {
    }
}
