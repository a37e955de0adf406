package io.berth.daemon.network;

import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.Journal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All networks, and the journal that the user-defined ones are written down in. A network exists from its record on and is
 * gone from that of its removal on; both are durable when the methods return. Anybody may look at any time, one thread
 * changes.
 */
final class NetworkRegistry implements AutoCloseable {

    private static final long COMPACT_ABOVE = 1 << 20;

    private final Journal journal;
    /** Never changed, always replaced. */
    private volatile Map<NetworkId, NetworkDefinition> networks;

    private NetworkRegistry(DurableFiles files, Path path) {
        Map<NetworkId, NetworkDefinition> known = new LinkedHashMap<>();
        journal = Journal.open(files, path, record -> NetworkRecord.read(record).replay(known));
        networks = Collections.unmodifiableMap(known);
    }

    static NetworkRegistry open(DurableFiles files, Path path) {
        return new NetworkRegistry(files, path);
    }

    /** Introduces one of the predefined networks, or shows it with other ranges; they are written nowhere. */
    void show(NetworkDefinition predefined) {
        put(predefined);
    }

    void add(NetworkDefinition network) {
        journal.appendDurably(NetworkRecord.of(network).bytes());
        put(network);
    }

    void remove(NetworkId id) {
        journal.appendDurably(NetworkRecord.removed(id).bytes());
        Map<NetworkId, NetworkDefinition> changed = new LinkedHashMap<>(networks);
        changed.remove(id);
        networks = Collections.unmodifiableMap(changed);
        if (journal.size() > COMPACT_ABOVE) {
            journal.compact(list().stream().filter(network -> !network.isPredefined()).map(network -> NetworkRecord.of(network).bytes()).toList());
        }
    }

    private void put(NetworkDefinition network) {
        Map<NetworkId, NetworkDefinition> changed = new LinkedHashMap<>(networks);
        changed.put(network.id(), network);
        networks = Collections.unmodifiableMap(changed);
    }

    /** By name. */
    List<NetworkDefinition> list() {
        List<NetworkDefinition> all = new ArrayList<>(networks.values());
        all.sort(Comparator.comparing(NetworkDefinition::name));
        return all;
    }

    Optional<NetworkDefinition> find(NetworkId id) {
        return Optional.ofNullable(networks.get(id));
    }

    NetworkDefinition get(NetworkId id) {
        return find(id).orElseThrow(() -> notFound(id.hex()));
    }

    /** By id, by name or by the beginning of the id, in this order. */
    NetworkDefinition resolve(String reference) {
        Map<NetworkId, NetworkDefinition> all = networks;
        return all.values().stream().filter(network -> network.id().hex().equals(reference)).findFirst()
                .or(() -> all.values().stream().filter(network -> network.name().equals(reference)).findFirst())
                .or(() -> byPrefix(all, reference))
                .orElseThrow(() -> notFound(reference));
    }

    private static Optional<NetworkDefinition> byPrefix(Map<NetworkId, NetworkDefinition> all, String prefix) {
        List<NetworkDefinition> fitting = all.values().stream().filter(network -> !prefix.isEmpty() && network.id().hex().startsWith(prefix)).toList();
        if (fitting.size() > 1) {
            throw new NetworkException(NetworkException.Kind.INVALID, "network " + prefix + " is ambiguous (" + fitting.size()
                    + " matches found based on ID prefix)");
        }
        return fitting.stream().findFirst();
    }

    private static NetworkException notFound(String reference) {
        return new NetworkException(NetworkException.Kind.NOT_FOUND, "network " + reference + " not found");
    }

    /** See {@link Journal#damage}. */
    List<String> damage() {
        return journal.damage();
    }

    @Override
    public void close() {
        journal.close();
    }
}
