package io.berth.daemon.volume;

import io.berth.api.http.ApiException;
import io.berth.linux.file.Directory;
import io.berth.linux.kernel.Kernel;
import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.Journal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
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

    private static final long COMPACT_ABOVE = 1 << 20;

    private final Map<VolumeName, Entry> entries = new ConcurrentHashMap<>();
    private final VolumeDirectories directories;
    private final VolumeEvents events;
    private final Clock clock;
    private final Journal journal;
    /** Shared by those who add or take a volume, in the journal and here; exclusive while the journal is compacted. */
    private final ReadWriteLock membership = new ReentrantReadWriteLock();
    private volatile long compactedSize;

    /** One name's volume. Its lock is held by whoever makes, removes or begins to use it. */
    private static final class Entry {
        /** Empty before it is made. */
        private volatile Optional<Volume> volume = Optional.empty();
        private volatile Set<String> users = Set.of();
        /** Once true, the entry is not in the map any more. */
        private boolean gone;
        private final ReentrantLock lock = new ReentrantLock();
    }

    private Volumes(Kernel kernel, DurableFiles files, Path dataRoot, VolumeEvents events, Clock clock) {
        this.events = events;
        this.clock = clock;
        this.directories = new VolumeDirectories(kernel, dataRoot);
        Map<VolumeName, Volume> known = new LinkedHashMap<>();
        Set<VolumeName> gone = new HashSet<>();
        journal = Journal.open(files, dataRoot.resolve("volumes.journal"), record -> VolumeRecord.read(record).replay(known, gone));
        known.forEach((name, volume) -> {
            Entry entry = new Entry();
            entry.volume = Optional.of(volume);
            entries.put(name, entry);
        });
        gone.forEach(directories::remove);
        directories.emptyTrash();
        compactedSize = journal.size();
    }

    /** Reads the volumes back, and removes what is left of those that are gone. */
    public static Volumes open(Kernel kernel, DurableFiles files, Path dataRoot, VolumeEvents events, Clock clock) {
        return new Volumes(kernel, files, dataRoot, events, clock);
    }

    /** By name. */
    public List<Volume> list() {
        List<Volume> all = new ArrayList<>();
        entries.values().forEach(entry -> entry.volume.ifPresent(all::add));
        all.sort((a, b) -> a.name().compareTo(b.name()));
        return all;
    }

    /** Also for a text that cannot be a name. */
    public Optional<Volume> find(String name) {
        return VolumeName.parse(name).map(entries::get).flatMap(entry -> entry.volume);
    }

    /** @throws ApiException not found, with the reference's words */
    public Volume resolve(String name) {
        return find(name).orElseThrow(() -> ApiException.notFound("get " + name + ": no such volume"));
    }

    /** Where a volume's content is on the host. */
    public Path content(VolumeName name) {
        return directories.content(name);
    }

    /** The same for a start: what was lost of the directory is made again. */
    public Path ready(VolumeName name) {
        directories.make(name);
        return directories.content(name);
    }

    /** The ids of the containers that use a volume, sorted. */
    public Set<String> users(VolumeName name) {
        Entry entry = entries.get(name);
        return entry == null ? Set.of() : entry.users;
    }

    /** In bytes; read from the disk. */
    public long size(VolumeName name) {
        return directories.size(name);
    }

    /** The volume of that name, made when there is none; durable when this returns. */
    public Volume create(VolumeName name, Optional<Map<String, String>> labels, Optional<Map<String, String>> options) {
        return with(name, entry -> madeIn(entry, new Volume(name, now(), labels, options, Optional.empty())));
    }

    /** The same for a container, which uses it from now on, and so keeps it from being removed. */
    public Volume acquire(VolumeName name, Optional<Map<String, String>> labels, String container) {
        return with(name, entry -> used(entry, madeIn(entry, new Volume(name, now(), labels, Optional.empty(), Optional.empty())), container));
    }

    /** A volume without a name of its own, for a container that is being made. */
    public Volume acquireAnonymous(Map<String, String> labels, String container) {
        Map<String, String> marked = new LinkedHashMap<>(labels);
        marked.put(Volume.ANONYMOUS, "");
        VolumeName name = VolumeName.random();
        return with(name, entry -> used(entry, madeIn(entry,
                new Volume(name, now(), Optional.of(marked), Optional.empty(), Optional.of(container))), container));
    }

    /** At the start: a container that is known uses this volume. One that is missing, for whatever reason, is made again. */
    public void use(VolumeName name, String container) {
        acquire(name, Optional.empty(), container);
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
            entry.volume.filter(volume -> volume.madeFor().isPresent()).ifPresent(volume -> together(() -> {
                journal.appendDurably(VolumeRecord.of(volume.kept()).bytes());
                entry.volume = Optional.of(volume.kept());
            }));
        } finally {
            entry.lock.unlock();
        }
    }

    /** @throws ApiException not found, or a conflict with the containers that use it */
    public void remove(String name) {
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
        if (!directories.isEmpty(name)) {
            return;
        }
        with(name, entry -> {
            if (directories.isEmpty(name)) {
                directories.copyAside(name, from);
                directories.moveCopyIn(name, entry.users.equals(Set.of(user)));
            }
            return name;
        });
    }

    private Volume madeIn(Entry entry, Volume wanted) {
        if (entry.volume.isPresent()) {
            directories.make(wanted.name());
            return entry.volume.get();
        }
        together(() -> {
            journal.appendDurably(VolumeRecord.of(wanted).bytes());
            entry.volume = Optional.of(wanted);
        });
        directories.make(wanted.name());
        events.happened(wanted.name(), "create");
        return wanted;
    }

    private static Volume used(Entry entry, Volume volume, String container) {
        Set<String> users = new TreeSet<>(entry.users);
        users.add(container);
        entry.users = users;
        return volume;
    }

    private boolean removed(Entry entry, VolumeName name) {
        entry.lock.lock();
        try {
            if (entry.gone) {
                return false;
            }
            if (!entry.users.isEmpty()) {
                throw ApiException.conflict("remove " + name + ": volume is in use - [" + String.join(", ", entry.users) + "]");
            }
            together(() -> {
                journal.appendDurably(VolumeRecord.removed(name).bytes());
                entry.volume = Optional.empty();
                directories.remove(name);
            });
            entry.gone = true;
            entries.remove(name, entry);
        } finally {
            entry.lock.unlock();
        }
        events.happened(name, "destroy");
        compactIfWorthIt();
        return true;
    }

    private interface Work<T> {
        T on(Entry entry);
    }

    /** Works on the entry of a name, a new one if need be, while nobody else does. */
    private <T> T with(VolumeName name, Work<T> work) {
        while (true) {
            Entry entry = entries.computeIfAbsent(name, absent -> new Entry());
            entry.lock.lock();
            try {
                if (!entry.gone) {
                    return work.on(entry);
                }
            } finally {
                if (entry.volume.isEmpty() && !entry.gone) {
                    entry.gone = true; // it could not be made
                    entries.remove(name, entry);
                }
                entry.lock.unlock();
            }
        }
    }

    private void together(Runnable journalAndMemory) {
        Lock shared = membership.readLock();
        shared.lock();
        try {
            journalAndMemory.run();
        } finally {
            shared.unlock();
        }
    }

    private void compactIfWorthIt() {
        if (journal.size() < COMPACT_ABOVE + 2 * compactedSize) {
            return;
        }
        membership.writeLock().lock();
        try {
            journal.compact(() -> list().stream().map(volume -> VolumeRecord.of(volume).bytes()).iterator());
            compactedSize = journal.size();
        } finally {
            membership.writeLock().unlock();
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    @Override
    public void close() {
        journal.close();
    }
}
