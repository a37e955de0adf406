package io.berth.daemon.volume;

import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.volume.local.HostLookup;
import io.berth.daemon.volume.local.LocalMount;
import io.berth.daemon.volume.plugin.PluginException;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.mount.HostMounts;
import io.berth.linux.mount.MountFailure;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What volumes have mounted on the host: one mount each, from its first user to its last. Users are containers that run, and whoever
 * looks at the files of one that does not; each copies the mount into its own namespace and gives it back when it ends.
 *
 * <p><b>Crashes.</b> A user is written down before anything is mounted and forgotten after it is unmounted ({@link MountUsers}). The next
 * daemon begins with the users of the one before it; when it knows which containers run, it lets go of all others ({@link #settle}).
 * Whether something is mounted is asked of the kernel, each time.
 *
 * <p>A volume is locked while it is mounted or unmounted; a file server or a plugin that hangs holds up those alone who want its volume.
 */
final class VolumeMounts {

    private static final Logger LOG = LoggerFactory.getLogger(VolumeMounts.class);

    private final HostMounts mounts;
    private final HostLookup hosts;
    private final PluginVolumes plugins;
    private final VolumeDirectories directories;
    private final MountUsers written;
    private final Map<VolumeName, Held> volumes = new ConcurrentHashMap<>();

    private static final class Held {
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<String, String> users = new TreeMap<>();
        /** Those of the daemon before this one, until they are known to be there still. */
        private final Set<String> inherited = new HashSet<>();
        /** Where a plugin has it; empty while that is not known. */
        private volatile String where = "";
    }

    VolumeMounts(HostMounts mounts, HostLookup hosts, PluginVolumes plugins, VolumeDirectories directories, MountUsers written) {
        this.mounts = mounts;
        this.hosts = hosts;
        this.plugins = plugins;
        this.directories = directories;
        this.written = written;
        written.read().forEach((name, users) -> {
            Held held = held(name);
            held.users.putAll(users);
            held.inherited.addAll(users.keySet());
            users.values().stream().filter(where -> !where.isEmpty()).findFirst().ifPresent(where -> held.where = where);
        });
    }

    private Held held(VolumeName name) {
        return volumes.computeIfAbsent(name, absent -> new Held());
    }

    /** Where a plugin has mounted the volume, as far as is known; touches nothing. */
    Optional<Path> where(VolumeName name) {
        return Optional.ofNullable(volumes.get(name)).map(held -> held.where).filter(where -> !where.isEmpty()).map(Path::of);
    }

    /**
     * Where the volume's content is, mounted. A user may come twice.
     *
     * @throws MountFailure with the reference's words; nothing is left mounted then that was not before
     */
    Path mount(Volume volume, String user) {
        Held held = held(volume.name());
        held.lock.lock();
        try {
            boolean known = held.users.containsKey(user);
            held.inherited.remove(user);
            written.intend(volume.name(), user);
            Failpoint.VOLUME_MOUNT_INTENDED.reach();
            held.users.put(user, "");
            try {
                Path where = volume.localMount().isPresent() ? mountLocal(volume, volume.localMount().get()) : mountPlugin(volume, user, held);
                Failpoint.VOLUME_MOUNTED.reach();
                held.users.put(user, where.toString());
                written.mounted(volume.name(), user, where);
                return where;
            } catch (RuntimeException failure) {
                if (!known) {
                    held.users.remove(user);
                    written.forget(volume.name(), user);
                }
                throw failure;
            }
        } finally {
            held.lock.unlock();
        }
    }

    private Path mountLocal(Volume volume, LocalMount wanted) {
        Path content = directories.content(volume.name());
        if (!mounts.isMounted(directories.real(volume.name()))) {
            try {
                wanted.mountAt(mounts, hosts, content);
            } catch (MountFailure failure) {
                throw failed(content.toString(), failure);
            }
        }
        return content;
    }

    private Path mountPlugin(Volume volume, String user, Held held) {
        try {
            String where = plugins.of(volume).mount(volume.name().text(), user);
            if (!where.startsWith("/")) {
                throw new MountFailure("error while mounting volume '" + where + "': the plugin " + volume.driver() + " gives no path of this host");
            }
            held.where = where;
            return Path.of(where);
        } catch (PluginException failure) {
            throw failed(held.where, failure);
        }
    }

    private static MountFailure failed(String where, RuntimeException failure) {
        return new MountFailure("error while mounting volume '" + where + "'", failure);
    }

    /** The user needs it no more; content when it never had it. What cannot be unmounted is told in the log and tried again at the next start. */
    void unmount(Volume volume, String user) {
        unmount(volume, user, false);
    }

    /** @param inherited whether only if nobody has come under this name since the daemon's start */
    private void unmount(Volume volume, String user, boolean inherited) {
        Held held = volumes.get(volume.name());
        if (held == null) {
            return;
        }
        held.lock.lock();
        try {
            if (!held.users.containsKey(user) || inherited && !held.inherited.contains(user)) {
                return;
            }
            held.inherited.remove(user);
            held.users.remove(user);
            if (!volume.isLocal()) {
                plugins.of(volume).unmount(volume.name().text(), user);
            } else if (held.users.isEmpty()) {
                clearNow(volume.name());
            }
            Failpoint.VOLUME_UNMOUNTED.reach();
            written.forget(volume.name(), user);
        } catch (PluginException | SystemCallException failure) {
            LOG.warn("volume {} of driver {} stays mounted for {}", volume.name(), volume.driver(), user, failure);
        } finally {
            held.lock.unlock();
        }
    }

    /** Before the directory of a local volume goes: nothing may be mounted in it, whoever did that. */
    void clear(VolumeName name) {
        Held held = held(name);
        held.lock.lock();
        try {
            clearNow(name);
            written.forget(name);
            volumes.remove(name, held);
        } finally {
            held.lock.unlock();
        }
    }

    private void clearNow(VolumeName name) {
        for (String mounted : mounts.below(directories.real(name)).reversed()) {
            mounts.unmount(mounted);
        }
    }

    /**
     * Lets go of what nobody uses any more, once it is known who does.
     *
     * @param find the volumes that there are
     * @param runs whether a user is there still
     */
    void settle(Function<VolumeName, Optional<Volume>> find, Predicate<String> runs) {
        for (VolumeName name : Set.copyOf(volumes.keySet())) {
            Set<String> left = inherited(name, runs);
            Optional<Volume> volume = find.apply(name);
            if (volume.isEmpty()) {
                clear(name);
            } else {
                left.forEach(user -> unmount(volume.get(), user, true));
            }
        }
    }

    private Set<String> inherited(VolumeName name, Predicate<String> runs) {
        Held held = held(name);
        held.lock.lock();
        try {
            held.inherited.removeIf(runs);
            return Set.copyOf(held.inherited);
        } finally {
            held.lock.unlock();
        }
    }

    /** Takes away what is mounted for a local volume although nobody has it: its users were lost with the exec root. */
    void clearUnlessUsed(VolumeName name) {
        Held held = held(name);
        held.lock.lock();
        try {
            if (held.users.isEmpty()) {
                clearNow(name);
            }
        } finally {
            held.lock.unlock();
        }
    }

    /** A container that runs has it mounted, whatever is written down. */
    void runsWith(Volume volume, String user) {
        Held held = held(volume.name());
        held.lock.lock();
        try {
            if (held.users.putIfAbsent(user, "") == null) {
                written.intend(volume.name(), user);
            }
        } finally {
            held.lock.unlock();
        }
    }
}
