package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.kernel.Kernel;
import io.berth.store.content.Digest;
import io.berth.store.durable.DurableFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories below {@code layers/} and their names, as in docs/formats/layers.md. A layer's directory appears and disappears
 * under its name by one rename; what has lost its name is removed in the background, since that takes seconds for large ones.
 */
final class LayerDirectories implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LayerDirectories.class);
    /** Short, because up to 128 of these names have to fit into the 4 KiB of options that mount(2) takes. */
    private static final int NAME_LENGTH = 24;
    static final FileName TREE = FileName.of("fs");
    static final String UNFINISHED = "unpack-";
    private static final String DOOMED = "remove-";
    /** Gave its name to a better copy; containers that were started before may stand on it. */
    static final String REPLACED = "replaced-";

    private static final Duration LAST_REMOVALS = Duration.ofSeconds(3);

    private final Kernel kernel;
    private final DurableFiles files;
    private final Path root;
    /** Written before {@link #closed}, read after it. */
    private long closedAt;
    private volatile boolean closed;
    /** One thread, which goes when it is idle. */
    private final ThreadPoolExecutor removal = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("layer-removal").factory());

    /** Makes {@code root} when it is missing, and begins to remove what an earlier life left unfinished. */
    LayerDirectories(Kernel kernel, DurableFiles files, Path root) {
        this.kernel = kernel;
        this.files = files;
        this.root = root;
        removal.allowCoreThreadTimeOut(true);
        files.makeDirectories(root);
        files.list(root).stream().filter(name -> name.startsWith(UNFINISHED)).forEach(this::removeLater);
        removeDoomed();
    }

    /** Tries again what could not be removed. */
    void removeDoomed() {
        files.list(root).stream().filter(name -> name.startsWith(DOOMED)).forEach(this::removeLater);
    }

    Path root() {
        return root;
    }

    Path of(Digest diffId) {
        return root.resolve(name(diffId));
    }

    Path tree(Digest diffId) {
        return of(diffId).resolve(TREE.toString());
    }

    Path state(Digest diffId) {
        return of(diffId).resolve(LayerState.FILE);
    }

    private static String name(Digest diffId) {
        return diffId.hex().substring(0, NAME_LENGTH);
    }

    static String unique(String prefix) {
        return prefix + Long.toHexString(ThreadLocalRandom.current().nextLong());
    }

    /** What is written down of a layer; nothing when it is not there or not whole. */
    Optional<LayerState> read(Digest diffId) {
        return read(name(diffId));
    }

    private Optional<LayerState> read(String name) {
        return files.read(root.resolve(name).resolve(LayerState.FILE)).flatMap(LayerState::read);
    }

    /** The layers whose state can be read. */
    List<Digest> list() {
        return names().stream().flatMap(name -> read(name).stream()).map(LayerState::diffId).toList();
    }

    /** Names under which something lies that does not say which layer it is: what a power cut left of one. */
    List<String> nameless() {
        return names().stream().filter(name -> read(name).isEmpty()).toList();
    }

    private List<String> names() {
        return files.list(root).stream().filter(name -> name.length() == NAME_LENGTH).toList();
    }

    static boolean isNameOf(String name, Digest diffId) {
        return name.equals(name(diffId));
    }

    /** Trees that were replaced, and of which layer; of none when a power cut took the state. */
    List<Replaced> replaced() {
        return files.list(root).stream().filter(name -> name.startsWith(REPLACED))
                .map(name -> new Replaced(name, read(name).map(LayerState::diffId))).toList();
    }

    record Replaced(String name, Optional<Digest> diffId) {}

    /** Takes a layer's name away, in one step, and removes the files soon; false when there is no such layer. */
    boolean discard(Digest diffId) {
        return discard(name(diffId));
    }

    boolean discard(String name) {
        Optional<String> doomed = rename(name, DOOMED);
        doomed.ifPresent(this::removeLater);
        return doomed.isPresent();
    }

    /** Gives an unfinished directory a layer's name. What has the name, which nobody relies upon, makes way. */
    void install(String unfinished, Digest diffId) {
        Optional<String> old = rename(name(diffId), DOOMED);
        files.rename(root.resolve(unfinished), of(diffId));
        old.ifPresent(this::removeLater);
    }

    /**
     * The same for a layer that may be in use: at no moment is there none, and the old one is only set aside. A crash leaves
     * the old or the new one in place, and the other set aside.
     */
    void replace(String unfinished, Digest diffId) {
        if (!files.exists(of(diffId))) {
            install(unfinished, diffId);
            return;
        }
        String aside = unique(REPLACED);
        files.rename(root.resolve(unfinished), root.resolve(aside));
        try (Directory parent = Directory.open(kernel, root.toString())) {
            parent.rename(FileName.of(aside), parent, FileName.of(name(diffId)), Directory.RENAME_EXCHANGE);
        }
    }

    private Optional<String> rename(String name, String prefix) {
        if (!files.exists(root.resolve(name))) {
            return Optional.empty();
        }
        String given = unique(prefix);
        files.rename(root.resolve(name), root.resolve(given));
        return Optional.of(given);
    }

    private void removeLater(String name) {
        removal.execute(() -> {
            try {
                remove(name);
            } catch (RuntimeException failure) {
                LOG.warn("{} could not be removed; it is tried again at the next start: {}", root.resolve(name), failure.getMessage());
            }
        });
    }

    void remove(String name) {
        try (Directory parent = Directory.open(kernel, root.toString())) {
            FileName tree = FileName.of(name);
            if (parent.find(tree).isPresent() && !parent.removeTree(tree, this::isOutOfTime)) {
                LOG.info("{} is removed at the next start", root.resolve(name));
            }
        }
    }

    private boolean isOutOfTime() {
        return closed && System.nanoTime() - closedAt > LAST_REMOVALS.toNanos();
    }

    /** Finishes removing where that is soon done; else the next start goes on with it. */
    @Override
    public void close() {
        closedAt = System.nanoTime();
        closed = true;
        removal.close();
    }
}
