package io.berth.daemon.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The volumes by name, each with its lock, which may be held while there is no such volume yet. */
final class VolumeEntries {

    /** One name's volume. Its lock is held by whoever makes, removes or begins to use it. */
    static final class Entry {
        /** Empty before it is made. */
        volatile Optional<Volume> volume = Optional.empty();
        volatile Set<String> users = Set.of();
        /** Once true, the entry is not in the map any more. */
        boolean gone;
        final ReentrantLock lock = new ReentrantLock();
    }

    interface Work<T> {
        T on(Entry entry);
    }

    private final Map<VolumeName, Entry> entries = new ConcurrentHashMap<>();

    /** By name. */
    List<Volume> volumes() {
        List<Volume> all = new ArrayList<>();
        entries.values().forEach(entry -> entry.volume.ifPresent(all::add));
        all.sort((a, b) -> a.name().compareTo(b.name()));
        return all;
    }

    /** Null when there is none. */
    Entry get(VolumeName name) {
        return entries.get(name);
    }

    /** Before anybody else knows of the entries. */
    void put(Volume volume) {
        Entry entry = new Entry();
        entry.volume = Optional.of(volume);
        entries.put(volume.name(), entry);
    }

    void remove(VolumeName name, Entry entry) {
        entries.remove(name, entry);
    }

    /** Works on the entry of a name, a new one if need be, while nobody else does. */
    <T> T with(VolumeName name, Work<T> work) {
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
}
