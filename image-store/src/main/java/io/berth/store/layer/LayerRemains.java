package io.berth.store.layer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What crashes, replacements and removals leave beside the layers. */
public final class LayerRemains {

    private final LayerDirectories directories;
    private final BlobStore blobs;

    LayerRemains(LayerDirectories directories, BlobStore blobs) {
        this.directories = directories;
        this.blobs = blobs;
    }

    /** Names in {@link LayerStore#root} of what a power cut left of layers: nobody knows of which, and none is made of them any more. */
    public List<String> nameless() {
        return directories.nameless();
    }

    /** Names in {@link LayerStore#root} of trees that were replaced and wait for {@link #removeReplaced}. */
    public List<String> replaced() {
        return directories.replaced().stream().map(LayerDirectories.Replaced::name).toList();
    }

    /** Removes {@link #nameless} that cannot be of a layer in {@code needed} or one that a lease keeps. */
    public void removeNameless(Set<Digest> needed) {
        for (String name : directories.nameless()) {
            Set<Digest> kept = new HashSet<>(blobs.leased());
            kept.addAll(needed);
            if (kept.stream().noneMatch(diffId -> LayerDirectories.isNameOf(name, diffId))) {
                directories.discard(name);
            }
        }
    }

    /** Tries again to remove files of layers that are gone already. */
    public void removeDoomed() {
        directories.removeDoomed();
    }

    /** Removes trees that were replaced, but those of layers in {@code used}, on which somebody may stand. */
    public void removeReplaced(Set<Digest> used) {
        directories.replaced().stream().filter(old -> old.diffId().filter(used::contains).isEmpty())
                .forEach(old -> directories.discard(old.name()));
    }
}
