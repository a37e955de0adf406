package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.Link;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.Journal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All containers of the engine, by id and by name, and the journal they are written down in.
 *
 * <p>What is durable: that a container exists, and that it is gone. The state of a run is only handed to the kernel: it
 * survives the death of the daemon, and it has no meaning after a power cut.
 */
final class Containers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Containers.class);
    private static final long COMPACT_ABOVE = 1 << 20;

    private final ConcurrentSkipListMap<String, Container> byId = new ConcurrentSkipListMap<>();
    private final Map<String, ContainerId> byName = new ConcurrentHashMap<>();
    /** What containers are about to be, by their ids: an update that was written down and is not at its end. */
    private final Map<String, Definition> intended = new ConcurrentHashMap<>();
    /** Those that are linked to others. */
    private final Set<Container> linked = ConcurrentHashMap.newKeySet();
    private final Journal journal;
    /** Shared by those who add or take a container, in the journal and here; exclusive while the journal is compacted. */
    private final ReadWriteLock membership = new ReentrantReadWriteLock();
    /** Bytes of the journal after the last compaction. */
    private volatile long compactedSize;

    private Containers(DurableFiles files, Path path, SpecCompiler compiler) {
        Map<String, ContainerRecord.Replayed> replayed = new LinkedHashMap<>();
        journal = Journal.open(files, path, record -> ContainerRecord.read(record).replay(replayed));
        replayed.values().forEach(container -> {
            add(readBack(container, compiler));
            container.intended().ifPresent(definition -> intended.put(definition.id(), definition));
        });
        compactedSize = journal.size();
    }

    /** One that the rules of this version refuse keeps neither the daemon nor the others from starting. */
    private static Container readBack(ContainerRecord.Replayed container, SpecCompiler compiler) {
        Definition definition = container.definition();
        try {
            Container known = new Container(definition, compiler.compile(definition), container.state(), container.sandbox(), container.supervision());
            known.health(container.health());
            return known;
        } catch (RuntimeException refused) {
            LOG.error("container {} ({}) cannot be started by this version of berth, and can be removed: {}", definition.name(),
                    definition.containerId().shortForm(), refused.getMessage());
            Container shown = new Container(definition, compiler.compile(definition.reduced()), container.state(), container.sandbox(),
                    container.supervision());
            shown.refuse(String.valueOf(refused.getMessage()));
            return shown;
        }
    }

    static Containers open(DurableFiles files, Path path, SpecCompiler compiler) {
        return new Containers(files, path, compiler);
    }

    /** The newest first. */
    List<Container> list() {
        List<Container> all = new ArrayList<>(byId.values());
        all.sort(Comparator.comparing(Container::created).reversed());
        return all;
    }

    /**
     * The container that a client means by a full id, a name with or without its slash, a name that it has by a
     * link, or the beginning of an id.
     *
     * @throws ApiException not found; invalid when a beginning fits several
     */
    Container resolve(String text) {
        return find(text).orElseThrow(() -> ApiException.notFound("No such container: " + text));
    }

    Optional<Container> find(String text) {
        Container exact = byId.get(text);
        if (exact != null) {
            return Optional.of(exact);
        }
        ContainerId named = byName.get(text.startsWith("/") ? text.substring(1) : text);
        if (named != null) {
            return Optional.ofNullable(byId.get(named.hex()));
        }
        Optional<Link.Name> byLink = Link.Name.of(text);
        if (byLink.isPresent()) {
            return byLink.flatMap(this::find);
        }
        if (text.isEmpty()) {
            return Optional.empty();
        }
        List<Container> matching = byId.subMap(text, text + Character.MAX_VALUE).values().stream().limit(2).toList();
        if (matching.size() > 1) {
            throw ApiException.invalid("multiple IDs found with provided prefix: " + text);
        }
        return matching.stream().findFirst();
    }

    private Optional<Container> find(Link.Name name) {
        return Optional.ofNullable(byName.get(name.child())).flatMap(id -> Optional.ofNullable(byId.get(id.hex()))).stream()
                .flatMap(child -> child.definition().links().stream()).filter(link -> link.alias().equals(name.alias())).findFirst()
                .flatMap(link -> Optional.ofNullable(byId.get(link.target())));
    }

    /** Those that are linked to others. */
    Set<Container> linked() {
        return linked;
    }

    /** Takes a name for a container that is about to be made; to be given back by {@link #releaseName} when it is not. */
    void reserveName(String name, ContainerId id) {
        ContainerId holder = byName.putIfAbsent(name, id);
        if (holder != null) {
            throw ApiException.conflict("Conflict. The container name \"/" + name + "\" is already in use by container \"" + holder
                    + "\". You have to remove (or rename) that container to be able to reuse that name.");
        }
    }

    boolean isNameTaken(String name) {
        return byName.containsKey(name);
    }

    void releaseName(String name, ContainerId id) {
        byName.remove(name, id);
    }

    /** Makes a container visible, durably. Its name has been reserved. */
    void created(Container container) {
        together(() -> {
            journal.appendDurably(ContainerRecord.created(container.definition()).bytes());
            add(container);
        });
    }

    /** Writes down where a container is now. Survives the daemon. */
    void changed(Container container) {
        journal.append(ContainerRecord.changed(container).bytes());
        if (!container.state().isUp()) {
            compactIfWorthIt(); // not on the way to a start
        }
    }

    /** The same when it must survive a power cut: whether a container is to be up is asked when the machine is started again. */
    void changedDurably(Container container) {
        journal.appendDurably(ContainerRecord.changed(container).bytes());
    }

    /**
     * Gives a container another name, durably. The caller holds its lifecycle.
     *
     * @throws ApiException conflict, when the name is taken
     */
    void rename(Container container, String name, SpecCompiler compiler) {
        String old = container.name();
        reserveName(name, container.id());
        try {
            redefine(container, container.definition().named(name), compiler);
        } catch (RuntimeException failure) {
            releaseName(name, container.id());
            throw failure;
        }
        Failpoint.RENAME_RECORDED.reach();
        releaseName(old, container.id());
    }

    /**
     * Writes down what a container is about to be, before the kernel is told: when the daemon dies before {@link #redefine} or
     * {@link #giveUp}, the next one finds it in {@link #intended}. Survives the daemon; after a power cut the kernel knows nothing of it either.
     */
    void intend(Definition changed) {
        intended.put(changed.id(), changed);
        journal.append(ContainerRecord.intended(changed).bytes());
    }

    /** It stays what it was. */
    void giveUp(Container container) {
        intended.remove(container.id().hex());
        journal.append(ContainerRecord.created(container.definition()).bytes());
    }

    /** What the container was about to be when the daemon before this one died. */
    Optional<Definition> intended(Container container) {
        return Optional.ofNullable(intended.get(container.id().hex()));
    }

    /** Changes what a container is to be, durably. The caller holds its lifecycle. */
    void redefine(Container container, Definition changed, SpecCompiler compiler) {
        ContainerSpec compiled = compiler.compile(changed);
        together(() -> {
            journal.appendDurably(ContainerRecord.created(changed).bytes());
            container.redefine(changed, compiled);
            intended.remove(changed.id());
            rememberLinks(container);
        });
    }

    /** The same for what a start has found out, and would find out again: handed to the kernel only. */
    void note(Container container, Definition changed, SpecCompiler compiler) {
        ContainerSpec compiled = compiler.compile(changed);
        together(() -> {
            journal.append(ContainerRecord.created(changed).bytes());
            container.redefine(changed, compiled);
        });
    }

    /** Forgets a container whose files are gone. */
    void removed(Container container) {
        byte[] record = ContainerRecord.removed(container.id()).bytes();
        together(() -> {
            if (container.spec().ending().autoRemove()) {
                journal.append(record); // after a power cut it would be removed again at the start
            } else {
                journal.appendDurably(record);
            }
            byId.remove(container.id().hex());
            intended.remove(container.id().hex());
            linked.remove(container);
        });
        releaseName(container.name(), container.id());
        compactIfWorthIt();
    }

    private void together(Runnable journalAndMemory) {
        membership.readLock().lock();
        try {
            journalAndMemory.run();
        } finally {
            membership.readLock().unlock();
        }
    }

    private void add(Container container) {
        byId.put(container.id().hex(), container);
        byName.put(container.name(), container.id());
        rememberLinks(container);
    }

    private void rememberLinks(Container container) {
        if (container.definition().links().isEmpty()) {
            linked.remove(container);
        } else {
            linked.add(container);
        }
    }

    private void compactIfWorthIt() {
        if (!isWorthCompacting()) {
            return;
        }
        membership.writeLock().lock();
        try {
            if (isWorthCompacting()) {
                // States are read while appends wait: a change that comes meanwhile is appended behind.
                journal.compact(() -> Stream.concat(byId.values().stream().flatMap(container -> ContainerRecord.all(container).stream()),
                        intended.values().stream().map(ContainerRecord::intended)).map(ContainerRecord::bytes).iterator());
                compactedSize = journal.size();
            }
        } finally {
            membership.writeLock().unlock();
        }
    }

    private boolean isWorthCompacting() {
        return journal.size() >= COMPACT_ABOVE + 2 * compactedSize;
    }

    @Override
    public void close() {
        journal.close();
    }

    /** The connections of those that run. */
    List<Sandbox> liveSandboxes() {
        return byId.values().stream().filter(container -> container.state().isRunning())
                .flatMap(container -> container.sandbox().stream()).toList();
    }
}
