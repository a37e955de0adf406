package io.berth.store.archive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Ingest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageEvents;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Json;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.Compression;
import io.berth.store.layer.LayerStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code docker import}: an image of one layer from the tar of a file system, perhaps compressed. */
public final class ImageImport {

    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;

    public ImageImport(BlobStore blobs, LayerStore layers, Images images) {
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
    }

    /**
     * What the image shall be.
     *
     * @param source where it comes from, for people
     * @param config how containers of the image run, as JSON with the names of Docker's images
     * @param message the comment; when empty, that it was imported
     * @param variant of the architecture, or empty
     * @param engineVersion what goes into {@code docker_version}
     */
    public record Request(String source, Optional<ImageReference> name, byte[] config, String message, String os, String architecture,
            String variant, String engineVersion) {}

    /**
     * @param fileSystem not closed by this
     * @throws StoreException invalid, when the tar is refused; nothing is left of it then
     */
    public StoredImage load(InputStream fileSystem, Request request) throws IOException {
        if (request.name().flatMap(ImageReference::digest).isPresent()) {
            throw StoreException.invalid("cannot import digest reference");
        }
        ObjectNode document = describe(request);
        List<Digest> touched = new ArrayList<>();
        Lease lease = blobs.lease();
        try (Ingest ingest = blobs.ingest()) {
            keep(fileSystem, ingest);
            ingest.flushInBackground();
            Digest blob = ingest.digest();
            Digest diffId = diffId(ingest);
            touched.add(diffId);
            touched.add(blob);
            lease.keep(diffId);
            long contentSize = layers.unpack(diffId, ingest::read, false);
            ingest.commit(lease, Optional.empty());
            document.putObject("rootfs").put("type", "layers").putArray("diff_ids").add(diffId.toString());
            Digest id = blobs.put(Json.bytes(document), lease);
            touched.add(id);
            StoredImage image = new StoredImage(id, Optional.empty(), List.of(new StoredImage.Layer(diffId, blob, contentSize)));
            images.add(image, request.name().stream().toList(), ImageEvents.Action.IMPORT);
            return image;
        } finally {
            images.abandon(lease, touched);
        }
    }

    private static void keep(InputStream fileSystem, Ingest ingest) throws IOException {
        try {
            ingest.writeAll(Compression.unwrapUncommon(fileSystem));
        } catch (UncheckedIOException failure) {
            throw Compression.isContentsFault(failure.getCause()) ? Compression.refusal(failure.getCause()) : failure;
        }
    }

    private static ObjectNode describe(Request request) {
        String comment = request.message().isEmpty() ? "Imported from " + request.source() : request.message();
        String now = Instant.now().toString();
        ObjectNode document = Json.object();
        document.put("architecture", request.architecture());
        if (!request.variant().isEmpty()) {
            document.put("variant", request.variant());
        }
        document.put("comment", comment);
        document.set("config", Json.parse(request.config(), "configuration"));
        document.put("created", now);
        document.put("docker_version", request.engineVersion());
        document.putArray("history").addObject().put("created", now).put("comment", comment);
        document.put("os", request.os());
        return document;
    }

    /** The digest of the tar itself: known already unless it was compressed. */
    private static Digest diffId(Ingest ingest) throws IOException {
        if (Compression.detect(ingest.read()) == Compression.NONE) {
            return ingest.digest();
        }
        MessageDigest hash = Digest.sha256();
        try (InputStream plain = Compression.unwrap(ingest.read())) {
            plain.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), hash));
        } catch (IOException failure) {
            if (Compression.isContentsFault(failure)) {
                throw Compression.refusal(failure);
            }
            throw failure;
        }
        return Digest.ofHash(hash.digest());
    }
}
