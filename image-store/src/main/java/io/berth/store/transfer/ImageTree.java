package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.Repository.Document;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/**
 * What belongs to a manifest or an index, as far as the store knows.
 *
 * @param documents from the bottom up: each after those that it names; the last one is the root
 * @param layers that the manifests name, by their digest, whether they are in the store or not; from the top down, as the reference
 *         engine pushes them
 * @param configurations the same
 * @param missing manifests that an index names and the store does not have
 */
record ImageTree(List<Document> documents, SequencedMap<Digest, Descriptor> layers, SequencedMap<Digest, Descriptor> configurations,
        SequencedSet<Digest> missing) {

    private static final int DEEPEST = 8;

    Document root() {
        return documents.getLast();
    }

    /** Of layers and configurations. */
    Set<Digest> blobs() {
        Set<Digest> all = new HashSet<>(layers.keySet());
        all.addAll(configurations.keySet());
        return all;
    }

    /** @throws StoreException when the root is not in the store, or not what it has to be */
    static ImageTree read(Digest root, BlobStore blobs) {
        Walk walk = new Walk(blobs);
        walk.read(root, "", DEEPEST);
        return new ImageTree(List.copyOf(walk.documents.values()), walk.layers, walk.configurations, walk.missing);
    }

    static Document document(byte[] content, String mediaType) {
        return new Document(new Descriptor(mediaType, Digest.of(content), content.length, Optional.empty(), Map.of()), content);
    }

    private static final class Walk {

        private final BlobStore blobs;
        private final SequencedMap<Digest, Document> documents = new LinkedHashMap<>();
        private final SequencedMap<Digest, Descriptor> layers = new LinkedHashMap<>();
        private final SequencedMap<Digest, Descriptor> configurations = new LinkedHashMap<>();
        private final SequencedSet<Digest> missing = new LinkedHashSet<>();

        Walk(BlobStore blobs) {
            this.blobs = blobs;
        }

        void read(Digest digest, String mediaType, int depth) {
            if (depth == 0) {
                throw StoreException.invalid("read index " + digest + ": there are more than " + DEEPEST + " indexes in one another");
            }
            byte[] content = blobs.readDocument(digest);
            Manifest manifest = Manifest.read(content);
            switch (manifest) {
                case Manifest.Index index -> index.manifests().forEach(child -> readIfHere(child, depth - 1));
                case Manifest.Image image -> {
                    image.layers().reversed().forEach(layer -> layers.putIfAbsent(layer.digest(), layer));
                    configurations.putIfAbsent(image.config().digest(), image.config());
                }
            }
            documents.putIfAbsent(digest, document(content, mediaType.isEmpty() ? mediaType(manifest) : mediaType));
        }

        private void readIfHere(Descriptor child, int depth) {
            if (documents.containsKey(child.digest())) {
                return;
            }
            if (blobs.has(child.digest())) {
                read(child.digest(), child.mediaType(), depth);
            } else {
                missing.add(child.digest());
            }
        }

        /** Documents of OCI need not say what they are. */
        private static String mediaType(Manifest manifest) {
            return switch (manifest) {
                case Manifest.Index index -> index.mediaType().isEmpty() ? "application/vnd.oci.image.index.v1+json" : index.mediaType();
                case Manifest.Image image -> !image.mediaType().isEmpty() ? image.mediaType()
                        : image.config().mediaType().startsWith("application/vnd.docker.") ? MadeManifest.MEDIA_TYPE
                        : "application/vnd.oci.image.manifest.v1+json";
            };
        }
    }
}
