package io.berth.store.image;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.Journal;
import io.berth.store.image.ImageEvents.Action;
import io.berth.store.image.ImageIndex.Change;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The images of a store: what there is, what it is called, what happens to it.
 *
 * <p><b>Durable before visible.</b> An image's blobs are in the {@link BlobStore}, durably, before {@link #add} writes the one
 * record that makes it visible; a name, a removal is one record too. After a crash an image is there as a whole or not at all.
 *
 * <p>Readers see an immutable state and wait for nobody. Writers take turns, and each waits for the disk once.
 */
public final class Images implements AutoCloseable {

    /** A journal shorter than this is not worth compacting. */
    private static final long SMALL_JOURNAL = 64 * 1024;

    private final BlobStore blobs;
    private final UnusedLayers layers;
    private final ImageUsers users;
    final ImageNews news;
    private final Journal journal;
    /** One writer at a time, the wait for the disk included: a change rests on the one before it. */
    private final ReentrantLock lock = new ReentrantLock();
    private volatile ImageIndex index = ImageIndex.EMPTY;
    private final Map<Digest, ImageConfig> configs = new ConcurrentHashMap<>();
    private final List<Roots> roots = new CopyOnWriteArrayList<>();

    private Images(BlobStore blobs, UnusedLayers layers, ImageUsers users, ImageEvents events, DurableFiles files, Path path) {
        this.blobs = blobs;
        this.layers = layers;
        this.users = users;
        this.news = new ImageNews(events, this::config);
        this.journal = Journal.open(files, path, record -> index = index.with(ImageRecord.read(record)));
    }

    /** @param path the journal of images; a new one is made when it is missing */
    public static Images open(DurableFiles files, Path path, BlobStore blobs, UnusedLayers layers, ImageUsers users,
            ImageEvents events) {
        return new Images(blobs, layers, users, events, files, path);
    }

    /** For those who look at several things that have to fit together. */
    public ImagesNow now() {
        return new ImagesNow(index);
    }

    public List<StoredImage> list() {
        return index.visible();
    }

    /** Every name and the image it leads to, sorted. */
    public Map<ImageReference, Digest> names() {
        return index.names();
    }

    /** The names of one image, sorted. */
    public List<ImageReference> namesOf(Digest image) {
        return index.namesOf(image);
    }

    /**
     * The image that a person means by a name, a digest, an id or the beginning of one.
     *
     * @throws StoreException not found ({@code No such image: x:latest}, also when a beginning fits several); invalid, when it
     *         can be no name at all
     */
    public StoredImage resolve(String text) {
        return ImageLookup.resolve(index, text);
    }

    public Optional<StoredImage> find(ImageReference name) {
        return index.find(name);
    }

    public Optional<StoredImage> find(Digest id) {
        return index.visible(id);
    }

    /** What an image was made from, where that is known and is still there: it cannot be removed before its children. */
    public Optional<StoredImage> parentOf(Digest image) {
        return index.parentOf(image);
    }

    /** The image a container was made from, also one that people have removed since; for those who hold it in use. */
    public Optional<StoredImage> ofContainer(Digest id) {
        return index.any(id);
    }

    /**
     * Whether the image is still there, once every removal under way is at its end: whoever is a user of the image before the question
     * keeps it from then on.
     */
    public boolean isKept(Digest image) {
        lock.lock();
        try {
            return index.any(image).isPresent();
        } finally {
            lock.unlock();
        }
    }

    /** @throws StoreException not found or corrupt, when its blob is missing or damaged */
    public ImageConfig config(Digest image) {
        return configs.computeIfAbsent(image, id -> ImageConfigReader.read(blobs.readDocument(id)));
    }

    /**
     * Makes an image visible, under the given names too. Its blobs are there and held by a lease.
     *
     * @param action what to tell listeners; {@code TAG} for nothing but the names
     */
    public void add(StoredImage image, List<ImageReference> names, Action action) {
        add(image, Optional.empty(), names, action);
    }

    /**
     * The same for an image that was made from another.
     *
     * @param parent held by the new image from now on, unless it has been removed meanwhile
     */
    public void add(StoredImage image, Optional<Digest> parent, List<ImageReference> names, Action action) {
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.Add(image));
        names.forEach(name -> changes.add(new Change.Name(unambiguous(name).key(), image.id())));
        if (!names.isEmpty() && ImageNews.isByHand(action)) {
            changes.add(new Change.Tagged(image.id(), Instant.now()));
        }
        lock.lock();
        try {
            parent.flatMap(index::visible).ifPresent(found -> changes.add(new Change.Parent(image.id(), found.id())));
            write(changes);
        } finally {
            lock.unlock();
        }
        news.added(image.id(), names, action);
    }

    /** Tells that an image has been pulled, also when it was there already; the labels are those of what the name leads to. */
    public void pulled(Digest image, ImageReference name) {
        news.pulled(image, name, find(name).map(StoredImage::id));
    }

    /** Tells that an image has been saved to an archive. */
    public void saved(Digest image) {
        news.of(Action.SAVE, image);
    }

    /** For what is known of an image after it has come: of one that was removed meanwhile nothing is written. */
    void learn(Digest image, java.util.function.Function<StoredImage, List<Change>> known) {
        lock.lock();
        try {
            index.visible(image).map(known).ifPresent(this::write);
        } finally {
            lock.unlock();
        }
    }

    /** A repository of this name would make {@code sha256:…} mean two things. */
    private static ImageReference unambiguous(ImageReference name) {
        if (name.familiarName().equals("sha256")) {
            throw StoreException.invalid("refusing to create an ambiguous tag using digest algorithm as name");
        }
        return name;
    }

    /**
     * Makes one image the parent of another; both are there, or nothing happens.
     *
     * @throws StoreException invalid, when the history of {@code image} is not that of {@code parent} and one step more, or when it is
     *         itself what {@code parent} was made from
     */
    public void link(Digest image, Digest parent) {
        boolean grown = config(image).continues(config(parent));
        lock.lock();
        try {
            if (!grown || index.ancestorsOf(parent).contains(image)) {
                throw StoreException.invalid("image " + parent + " is not a valid parent for " + image);
            }
            if (index.visible(image).isPresent() && index.visible(parent).isPresent()) {
                write(List.of(new Change.Parent(image, parent)));
            }
        } finally {
            lock.unlock();
        }
    }

    /** When it was given a name for the last time, other than by a pull or from an archive. */
    public Optional<Instant> taggedAt(Digest image) {
        return index.taggedAt(image);
    }

    /** Gives an image one more name, which another image loses if it had it. */
    public void tag(String source, ImageReference name) {
        if (name.digest().isPresent()) {
            throw StoreException.invalid("refusing to create a tag with a digest reference");
        }
        ImageReference complete = unambiguous(name).withDefaultTag();
        Digest image;
        lock.lock();
        try {
            image = resolve(source).id();
            write(List.of(new Change.Name(complete, image), new Change.Tagged(image, Instant.now())));
        } finally {
            lock.unlock();
        }
        news.tagged(image, complete);
    }

    /**
     * Takes away a name or, by its id or with its last name, the image. With the reference engine's rules and texts.
     *
     * @param force also when stopped containers use it or it has several names
     * @param prune also the parents of the image, as far as they have neither a name nor another child nor a container
     * @throws StoreException not found; conflict
     */
    public List<Removed> remove(String text, boolean force, boolean prune) {
        return carryOut(() -> ImageRemoval.plan(index, users, text, force, prune));
    }

    /**
     * Removes an image with all its names and those of its parents that nothing else needs, unless it is gone, or something needs it now: a
     * container, whether it runs or not, an image made from it, or a tag.
     *
     * @param tagged whether tags do not count
     */
    public List<Removed> prune(Digest image, boolean tagged) {
        return carryOut(() -> ImageRemoval.planPrune(index, users, image, tagged));
    }

    private List<Removed> carryOut(Supplier<ImageRemoval> plan) {
        ImageRemoval removal;
        List<Removed> removed;
        Map<String, String> labels;
        lock.lock();
        try {
            removal = plan.get();
            labels = news.labels(removal.image().id());
            write(removal.changes());
            removed = new ArrayList<>(removal.untagged());
            removed.addAll(dropDeleted(removal));
        } finally {
            lock.unlock();
        }
        news.removed(removal, labels);
        return removed;
    }

    /** Tells of each layer with the last image that had it. */
    private List<Removed> dropDeleted(ImageRemoval removal) {
        List<Removed> removed = new ArrayList<>();
        List<StoredImage> deleted = removal.deleted();
        for (int i = 0; i < deleted.size(); i++) {
            StoredImage image = deleted.get(i);
            removed.add(new Removed.Deleted(image.id()));
            if (i > 0 || !removal.retires()) {
                List<Digest> layersGone = dropContent(image, deleted.subList(i + 1, deleted.size()));
                ChainId.of(image.diffIds(), layersGone).forEach(chain -> removed.add(new Removed.Deleted(chain)));
            }
        }
        return removed;
    }

    /** To be called when a container is gone: drops images that were removed before and that nobody uses now. */
    public void dropRetired() {
        if (index.retired().isEmpty()) {
            return;
        }
        lock.lock();
        try {
            for (Digest id : List.copyOf(index.retired())) {
                if (users.usersOf(id).isEmpty()) {
                    StoredImage image = index.any(id).orElseThrow();
                    write(List.of(new Change.Remove(id)));
                    dropContent(image, List.of());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends a lease and removes those of {@code content} (blobs, diff ids) that neither an image nor another lease needs. */
    public void abandon(Lease lease, List<Digest> content) {
        sweep(needed -> {
            lease.close();
            blobs.removeUnless(needed, content);
            layers.removeUnless(needed, content);
        });
    }

    /**
     * Hands everything that images and other roots need to whoever removes the rest. Meanwhile no image comes or goes: content that
     * arrives is held by its lease until its image is there, and a lease ends, like this, with the images locked.
     */
    public void sweep(Consumer<Set<Digest>> removal) {
        lock.lock();
        try {
            removal.accept(needed());
        } finally {
            lock.unlock();
        }
    }

    /** From now on what these name is not removed either. */
    public void alsoNeeded(Roots further) {
        roots.add(further);
    }

    private Set<Digest> needed() {
        Set<Digest> needed = index.needed();
        roots.forEach(further -> needed.addAll(further.needed()));
        return needed;
    }

    /**
     * Keeps an image's content for as long as the lease lasts; for whoever works with an image that others may remove meanwhile.
     *
     * @return false when the image has gone or changed already, and its content perhaps with it
     */
    public boolean hold(StoredImage image, Lease lease) {
        ImageIndex.contentOf(image).forEach(lease::keep);
        return index.any(image.id()).filter(image::equals).isPresent();
    }

    /** All images, also those that people have removed and containers still stand on. */
    public List<StoredImage> all() {
        return index.all();
    }

    /** The layers of containers that run: their trees are mounted. */
    public Set<Digest> layersInUse() {
        return index.layersOf(id -> users.usersOf(id).stream().anyMatch(ImageUsers.User::running));
    }

    /** Writes the journal anew from what could be read of it; what was damaged stays beside it. */
    public void rewriteJournal() {
        sweep(nothing -> journal.compact(records()));
    }

    private List<byte[]> records() {
        return index.asChanges().stream().map(change -> ImageRecord.write(List.of(change))).toList();
    }

    /**
     * @param next whose turn comes after this
     * @return the diff ids of the layers that went
     */
    private List<Digest> dropContent(StoredImage image, List<StoredImage> next) {
        configs.remove(image.id());
        Set<Digest> needed = needed();
        next.forEach(other -> needed.addAll(ImageIndex.contentOf(other)));
        blobs.removeUnless(needed, ImageIndex.contentOf(image));
        return layers.removeUnless(needed, image.diffIds());
    }

    /** First the disk, then the readers. */
    private void write(List<Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        journal.appendDurably(ImageRecord.write(changes));
        index = index.with(changes);
        if (journal.size() > SMALL_JOURNAL) {
            List<byte[]> live = records();
            if (journal.size() > 2 * live.stream().mapToLong(record -> record.length).sum()) {
                journal.compact(live);
            }
        }
    }

    /** What is wrong with the journal, one sentence each; normally nothing. */
    public List<String> damage() {
        return journal.damage();
    }

    @Override
    public void close() {
        journal.close();
    }
}
