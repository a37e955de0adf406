package io.berth.linux.mount;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Mount options in the form of fstab(5) and mount(8), {@code ro,nosuid,size=1m}, told apart as mount(2) wants them.
 *
 * @param flags those that are flags of every mount, propagation not among them
 * @param propagation MS_SHARED, MS_PRIVATE, MS_SLAVE or MS_UNBINDABLE, perhaps with MS_REC; 0 when nothing was said
 * @param data the rest, in their order, which the file system itself reads
 */
record MountOptionText(long flags, long propagation, String data) {

    // linux/mount.h; those that MountCalls has no use for
    private static final long MS_SYNCHRONOUS = 0x10;
    private static final long MS_MANDLOCK = 0x40;
    private static final long MS_DIRSYNC = 0x80;
    private static final long MS_NOATIME = 0x400;
    private static final long MS_NODIRATIME = 0x800;
    private static final long MS_UNBINDABLE = 1 << 17;
    private static final long MS_RELATIME = 1 << 21;
    private static final long MS_STRICTATIME = 1 << 24;

    private static final Map<String, Long> SET = Map.ofEntries(
            Map.entry("ro", MountCalls.MS_RDONLY), Map.entry("nosuid", MountCalls.MS_NOSUID), Map.entry("nodev", MountCalls.MS_NODEV),
            Map.entry("noexec", MountCalls.MS_NOEXEC), Map.entry("sync", MS_SYNCHRONOUS), Map.entry("dirsync", MS_DIRSYNC),
            Map.entry("remount", MountCalls.MS_REMOUNT), Map.entry("mand", MS_MANDLOCK), Map.entry("noatime", MS_NOATIME),
            Map.entry("nodiratime", MS_NODIRATIME), Map.entry("bind", MountCalls.MS_BIND), Map.entry("rbind", MountCalls.MS_BIND | MountCalls.MS_REC),
            Map.entry("relatime", MS_RELATIME), Map.entry("strictatime", MS_STRICTATIME));
    private static final Map<String, Long> CLEARED = Map.ofEntries(
            Map.entry("rw", MountCalls.MS_RDONLY), Map.entry("suid", MountCalls.MS_NOSUID), Map.entry("dev", MountCalls.MS_NODEV),
            Map.entry("exec", MountCalls.MS_NOEXEC), Map.entry("async", MS_SYNCHRONOUS), Map.entry("nomand", MS_MANDLOCK),
            Map.entry("atime", MS_NOATIME), Map.entry("diratime", MS_NODIRATIME), Map.entry("norelatime", MS_RELATIME),
            Map.entry("nostrictatime", MS_STRICTATIME));
    private static final Map<String, Long> PROPAGATION = Map.of("private", MountCalls.MS_PRIVATE, "rprivate", MountCalls.MS_PRIVATE | MountCalls.MS_REC,
            "slave", MountCalls.MS_SLAVE, "rslave", MountCalls.MS_SLAVE | MountCalls.MS_REC, "shared", MountCalls.MS_SHARED,
            "rshared", MountCalls.MS_SHARED | MountCalls.MS_REC, "unbindable", MS_UNBINDABLE, "runbindable", MS_UNBINDABLE | MountCalls.MS_REC);
    /** Say nothing to a kernel, and would be refused by a file system. */
    private static final Set<String> NOTHING = Set.of("", "defaults");

    static MountOptionText parse(String text) {
        long flags = 0;
        long propagation = 0;
        List<String> data = new ArrayList<>();
        for (String word : text.split(",", -1)) {
            if (SET.containsKey(word)) {
                flags |= SET.get(word);
            } else if (CLEARED.containsKey(word)) {
                flags &= ~CLEARED.get(word);
            } else if (PROPAGATION.containsKey(word)) {
                propagation |= PROPAGATION.get(word);
            } else if (!NOTHING.contains(word)) {
                data.add(word);
            }
        }
        return new MountOptionText(flags, propagation, String.join(",", data));
    }

    boolean isBind() {
        return (flags & MountCalls.MS_BIND) != 0;
    }
}
