package io.berth.daemon.volume;

import io.berth.api.http.ApiException;
import io.berth.daemon.volume.VolumeEntries.Entry;
import io.berth.daemon.volume.local.HostLookup;
import io.berth.daemon.volume.local.LocalOptions;
import io.berth.daemon.volume.plugin.VolumePlugins;
import io.berth.linux.file.Directory;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.mount.HostMounts;
import io.berth.linux.mount.MountFailure;
import io.berth.store.durable.DurableFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * All volumes of the engine, who uses each of them, and the journal they are written down in.
 *
 * <p><b>Crashes.</b> A volume exists from its record on; its directory is made after that, and again whenever it is missing. It is
 * gone from the record of its removal on; a directory that a crash leaves then goes at the next start. Who uses a volume is written
 * nowhere: containers say it again at the start ({@link #use}). A volume without a name is made for a container before that
 * container has a record, and says so; when there is no such container at the start, it is removed ({@link #removeLost}).
 *
 * <p>A volume is locked while it is made or removed, which takes the disk; nobody who only looks waits for that.
 */
public final class Volumes implements AutoCloseable {

    private final VolumeEntries entries = new VolumeEntries();
    private final VolumeDirectories directories;
    private final PluginVolumes plugins;
    private final VolumeMounts mounts;
    private final VolumeEvents events;
    private final Clock clock;
    private final VolumeJournal journal;

    private Volumes(Kernel kernel, DurableFiles files, Path dataRoot, Path execRoot, VolumePlugins plugins, VolumeEvents events, Clock clock) {
        this.events = events;
        this.clock = clock;
        this.directories = new VolumeDirectories(kernel, dataRoot);
        this.plugins = new PluginVolumes(plugins);
        this.mounts = new VolumeMounts(new HostMounts(kernel), HostLookup.ofMachine(), this.plugins, directories, new MountUsers(kernel, execRoot));
        Map<VolumeName, Volume> known = new LinkedHashMap<>();
        Set<VolumeName> gone = new HashSet<>();
        journal = new VolumeJournal(files, dataRoot.resolve("volumes.journal"), record -> record.replay(known, gone));
        known.values().forEach(entries::put);
        gone.stream().filter(directories::isThere).forEach(name -> {
            mounts.clear(name);
            directories.remove(name);
        });
        directories.emptyTrash();
    }

    /**
     * Reads the volumes back, and removes what is left of those that are gone.
     *
     * @param execRoot for what is mounted and for whom, which ends with the machine
     */
    public static Volumes open(Kernel kernel, DurableFiles files, Path dataRoot, Path execRoot, VolumePlugins plugins, VolumeEvents events,
            Clock clock) {
        return new Volumes(kernel, files, dataRoot, execRoot, plugins, events, clock);
    }

    /** By name. */
    public List<Volume> list() {
        return entries.volumes();
    }

    /** Also for a text that cannot be a name. */
    public Optional<Volume> find(String name) {
        return VolumeName.parse(name).map(entries::get).flatMap(entry -> entry.volume);
    }

    /** @throws ApiException not found, with the reference's words */
    public Volume resolve(String name) {
        return find(name).orElseThrow(() -> ApiException.notFound("get " + name + ": no such volume"));
    }

    /** Where the content of a volume of this engine is on the host. */
    public Path content(VolumeName name) {
        return directories.content(name);
    }

    /** What inspect shows of where a volume is: nothing, for one of a plugin that is not known to be mounted. Touches no disk. */
    public String mountpoint(VolumeName name) {
        return isLocal(name) ? directories.content(name).toString() : mounts.where(name).map(Path::toString).orElse("");
    }

    private boolean isLocal(VolumeName name) {
        return find(name.text()).map(Volume::isLocal).orElse(true);
    }

    /** The driver that keeps a volume. */
    public String driver(VolumeName name) {
        return find(name.text()).map(Volume::driver).orElse(Volume.DRIVER);
    }

    /**
     * Where the content is for a user that begins: mounted, if it has to be, until {@link #letGo}; what was lost of a directory is made again.
     *
     * @param user the id of a container, or another name that no container has
     */
    public Path ready(VolumeName name, String user) {
        Optional<Volume> volume = find(name.text());
        if (volume.map(Volume::isLocal).orElse(true)) {
            directories.make(name);
        }
        return volume.filter(Volume::isMounted).map(mounted -> mounts.mount(mounted, user)).orElseGet(() -> directories.content(name));
    }

    /** The user has ended. */
    public void letGo(VolumeName name, String user) {
        find(name.text()).filter(Volume::isMounted).ifPresent(volume -> mounts.unmount(volume, user));
    }

    /** At the start: a container that runs has the volume mounted. */
    public void runsWith(VolumeName name, String user) {
        find(name.text()).filter(Volume::isMounted).ifPresent(volume -> mounts.runsWith(volume, user));
    }

    /**
     * At the start, when all containers that run have been named: what is mounted for nobody is unmounted. May wait long for a plugin;
     * what others mount meanwhile stays.
     */
    public void settle(Predicate<String> containerRuns) {
        mounts.settle(name -> find(name.text()), containerRuns);
        list().stream().filter(volume -> volume.localMount().isPresent()).forEach(volume -> mounts.clearUnlessUsed(volume.name()));
    }

    /** The ids of the containers that use a volume, sorted. */
    public Set<String> users(VolumeName name) {
        Entry entry = entries.get(name);
        return entry == null ? Set.of() : entry.users;
    }

    /** What plugins have, and what there is of this engine's own. */
    VolumeListing listing() {
        return new VolumeListing(list(), plugins.list());
    }

    /** What its plugin tells of a volume. */
    PluginVolumes.Told told(Volume volume) {
        return plugins.get(volume);
    }

    /** The volume of that name, also one that a plugin has without this engine's doing, which is known from now on. */
    Optional<Volume> adopted(String name) {
        Optional<VolumeName> parsed = VolumeName.parse(name);
        if (parsed.isEmpty() || find(name).isPresent()) {
            return find(name);
        }
        return plugins.driverOf(parsed.get()).map(driver -> create(parsed.get(), new VolumeRequest(Optional.of(driver), Optional.empty(), Optional.empty())));
    }

    /** In bytes; read from the disk. */
    public long size(VolumeName name) {
        return directories.size(name);
    }

    /**
     * The volume of that name, made when there is none; durable when this returns.
     *
     * @throws ApiException conflict, when another driver has one of that name
     */
    public Volume create(VolumeName name, VolumeRequest request) {
        return entries.with(name, entry -> madeIn(entry, name, request.driver().orElse(Volume.DRIVER), request, Optional.empty()));
    }

    /** A volume without a name of its own. */
    public Volume createAnonymous(VolumeRequest request) {
        return create(VolumeName.random(), request.anonymous());
    }

    /**
     * The same for a container, which uses it from now on, and so keeps it from being removed. A driver that is left open is that of the
     * volume, if there is one.
     */
    public Volume acquire(VolumeName name, VolumeRequest request, String container) {
        return entries.with(name, entry -> used(entry, madeIn(entry, name, request.driver().or(() -> entry.volume.map(Volume::driver))
                .or(() -> plugins.driverOf(name)).orElse(Volume.DRIVER), request, Optional.empty()), container));
    }

    /** A volume without a name of its own, for a container that is being made. */
    public Volume acquireAnonymous(VolumeRequest request, String container) {
        VolumeName name = VolumeName.random();
        return entries.with(name, entry -> used(entry, madeIn(entry, name, request.driver().orElse(Volume.DRIVER), request.anonymous(), Optional.of(container)),
                container));
    }

    /**
     * A volume of another engine, with its content; durable when this returns.
     *
     * @param content where it is now; empty for what is no directory of that engine
     * @param move whether it leaves that place; else it is copied
     * @throws ApiException conflict, when its directory is there and nobody knows why
     */
    public void adopt(Volume volume, Optional<Path> content, boolean move) {
        entries.with(volume.name(), entry -> {
            if (entry.volume.isEmpty()) {
                content.ifPresent(from -> directories.adopt(volume.name(), from, move));
                journal.write(VolumeRecord.of(volume), () -> entry.volume = Optional.of(volume));
                directories.adopted(volume.name());
            }
            return volume;
        });
    }

    /** At the start: a container that is known uses this volume. One that is missing, for whatever reason, is made again. */
    public void use(VolumeName name, String container) {
        acquire(name, VolumeRequest.ANY, container);
    }

    /** A container does not use a volume any more. */
    public void release(VolumeName name, String container) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return;
        }
        entry.lock.lock();
        try {
            Set<String> left = new TreeSet<>(entry.users);
            left.remove(container);
            entry.users = left;
        } finally {
            entry.lock.unlock();
        }
    }

    /** What was made for a container stays when that is removed; durable when this returns. */
    public void keep(VolumeName name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return;
        }
        entry.lock.lock();
        try {
            entry.volume.filter(volume -> volume.madeFor().isPresent()).ifPresent(volume ->
                    journal.write(VolumeRecord.of(volume.kept()), () -> entry.volume = Optional.of(volume.kept())));
        } finally {
            entry.lock.unlock();
        }
    }

    /** @throws ApiException not found, or a conflict with the containers that use it */
    public void remove(String name) {
        adopted(name);
        Volume volume = resolve(name);
        Entry entry = entries.get(volume.name());
        if (entry == null || !removed(entry, volume.name())) {
            throw ApiException.notFound("get " + name + ": no such volume");
        }
    }

    /** The same for one that somebody else may use or have removed meanwhile; whether it is gone by our doing. */
    public boolean removeUnused(VolumeName name) {
        Entry entry = entries.get(name);
        try {
            return entry != null && removed(entry, name);
        } catch (ApiException usedMeanwhile) {
            return false;
        }
    }

    /** Removes what was made for containers that a crash kept from coming into being. */
    public void removeLost(Predicate<String> containerExists) {
        for (Volume volume : list()) {
            if (volume.madeFor().filter(container -> !containerExists.test(container)).isPresent()) {
                removeUnused(volume.name());
            }
        }
    }

    /** Fills a volume that is empty with a copy of a directory; {@code user} is the container whose image the directory is of. */
    public void fill(VolumeName name, String user, Directory from) {
        if (find(name.text()).filter(Volume::isMounted).isPresent()) {
            fillMounted(name, "fill-" + user, from);
            return;
        }
        if (!directories.isEmpty(name)) {
            return;
        }
        entries.with(name, entry -> {
            if (directories.isEmpty(name)) {
                directories.copyAside(name, from);
                directories.moveCopyIn(name, entry.users.equals(Set.of(user)));
            }
            return name;
        });
    }

    /** Into whatever is mounted, where nothing can be set aside; a file system in memory forgets it, unless another container has it. */
    private void fillMounted(VolumeName name, String user, Directory from) {
        try {
            directories.fill(ready(name, user), from);
        } catch (MountFailure failure) {
            throw new MountFailure("failed to populate volume", failure);
        } finally {
            letGo(name, user);
        }
    }

    private Volume madeIn(Entry entry, VolumeName name, String driver, VolumeRequest request, Optional<String> madeFor) {
        if (entry.volume.isPresent()) {
            requireDriver(name, entry.volume.get().driver(), driver);
            if (entry.volume.get().isLocal()) {
                directories.make(name);
            }
            return entry.volume.get();
        }
        Volume wanted = new Volume(name, driver, now(), request.labels(), request.options(), madeFor);
        if (wanted.isLocal()) {
            plugins.driverOf(name).ifPresent(theirs -> requireDriver(name, theirs, driver));
            LocalOptions.complaint(request.options().orElse(Map.of())).ifPresent(complaint -> {
                throw ApiException.invalid("create " + name + ": " + complaint);
            });
        } else {
            plugins.create(wanted); // its word is needed first; what a crash keeps from the journal, the plugin still tells of
        }
        journal.write(VolumeRecord.of(wanted), () -> entry.volume = Optional.of(wanted));
        if (wanted.isLocal()) {
            directories.make(name);
        }
        events.happened(wanted, "create");
        return wanted;
    }

    private static void requireDriver(VolumeName name, String present, String wanted) {
        if (!present.equals(wanted)) {
            throw ApiException.conflict("create " + name + ": driver '" + present + "' already has volume '" + name
                    + "': volume name must be unique");
        }
    }

    private static Volume used(Entry entry, Volume volume, String container) {
        Set<String> users = new TreeSet<>(entry.users);
        users.add(container);
        entry.users = users;
        return volume;
    }

    private boolean removed(Entry entry, VolumeName name) {
        Volume volume;
        entry.lock.lock();
        try {
            if (entry.gone) {
                return false;
            }
            if (!entry.users.isEmpty()) {
                throw ApiException.conflict("remove " + name + ": volume is in use - [" + String.join(", ", entry.users) + "]");
            }
            volume = entry.volume.orElseThrow();
            boolean local = volume.isLocal();
            if (!local) {
                plugins.remove(volume);
            }
            journal.write(VolumeRecord.removed(name), () -> {
                entry.volume = Optional.empty();
                mounts.clear(name);
                if (local) {
                    directories.remove(name);
                }
            });
            entry.gone = true;
            entries.remove(name, entry);
        } finally {
            entry.lock.unlock();
        }
        events.happened(volume, "destroy");
        journal.compactIfWorthIt(this::list);
        return true;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    @Override
    public void close() {
        journal.close();
    }
}
