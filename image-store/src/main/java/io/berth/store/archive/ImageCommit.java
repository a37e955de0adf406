package io.berth.store.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.file.Directory;
import io.berth.linux.kernel.Kernel;
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
import io.berth.store.layer.LayerStore;
import io.berth.store.layer.TarWriter;
import io.berth.store.layer.TreePacker;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * {@code docker commit}: an image and what a container has changed of it become an image with one layer more, or with none when
 * nothing was changed. The layer is a plain tar of the container's upper directory, written, hashed and kept in one pass.
 */
public final class ImageCommit {

    private static final int BUFFER = 64 << 10;
    /** The members of {@code config} that images have; a container's has more, which mean nothing to the next container. */
    private static final List<String> MEMBERS = List.of("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels",
            "StopSignal", "StopTimeout", "Healthcheck", "Shell", "OnBuild", "ArgsEscaped");

    private final Kernel kernel;
    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;

    public ImageCommit(Kernel kernel, BlobStore blobs, LayerStore layers, Images images) {
        this.kernel = kernel;
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
    }

    /**
     * What the image shall be.
     *
     * @param parent what the container was made from
     * @param upper the directory of the container's changes, as overlayfs keeps them; best with nobody writing to it
     * @param config how containers of the image run, as JSON with the names of Docker's images
     * @param createdBy the command whose work the layer is
     * @param engineVersion what goes into {@code docker_version}
     */
    public record Request(StoredImage parent, String upper, byte[] config, String createdBy, String author, String comment,
            Optional<ImageReference> name, String engineVersion) {
    }

    /** What has just been done. */
    public enum Step {
        /** The layer's tar is written and hashed, under no name. */
        LAYER_WRITTEN,
        LAYER_UNPACKED,
        /** Its blob is durable. */
        LAYER_STORED,
        CONFIGURATION_STORED,
        /** The image exists. */
        RECORDED
    }

    /**
     * For a thread that may wait in the kernel. Nothing is left of a commit that fails.
     *
     * @param steps told of each, by this thread
     */
    public StoredImage commit(Request request, Consumer<Step> steps) throws IOException {
        List<Digest> touched = new ArrayList<>();
        Lease lease = blobs.lease();
        try {
            if (!images.hold(request.parent(), lease)) {
                throw StoreException.conflict("commit: the image " + request.parent().id() + " of the container was removed meanwhile");
            }
            List<StoredImage.Layer> all = new ArrayList<>(request.parent().layers());
            Optional<StoredImage.Layer> own = layer(request.upper(), lease, touched, steps);
            own.ifPresent(all::add);
            Digest id = blobs.put(Json.bytes(describe(request, own.map(StoredImage.Layer::diffId))), lease);
            touched.add(id);
            steps.accept(Step.CONFIGURATION_STORED);
            StoredImage image = new StoredImage(id, Optional.empty(), all);
            images.add(image, Optional.of(request.parent().id()), request.name().stream().toList(), ImageEvents.Action.CREATE);
            steps.accept(Step.RECORDED);
            return image;
        } finally {
            images.abandon(lease, touched);
        }
    }

    /** The changes as a layer, durably in the store and unpacked; none when there are none. */
    private Optional<StoredImage.Layer> layer(String upper, Lease lease, List<Digest> touched, Consumer<Step> steps) throws IOException {
        try (Ingest ingest = blobs.ingest()) {
            BufferedOutputStream out = new BufferedOutputStream(ingest, BUFFER);
            TarWriter tar = new TarWriter(out);
            try (Directory changes = Directory.open(kernel, upper)) {
                new TreePacker(kernel, tar, TreePacker.Form.CHANGES).addContents(changes);
            }
            out.flush();
            if (ingest.size() == 0) {
                return Optional.empty();
            }
            tar.finish();
            out.flush();
            ingest.flushInBackground();
            Digest diffId = ingest.digest();
            touched.add(diffId);
            lease.keep(diffId);
            steps.accept(Step.LAYER_WRITTEN);
            long contentSize = layers.unpack(diffId, ingest::read, false);
            steps.accept(Step.LAYER_UNPACKED);
            ingest.commit(lease, Optional.empty());
            steps.accept(Step.LAYER_STORED);
            return Optional.of(new StoredImage.Layer(diffId, diffId, contentSize));
        }
    }

    private ObjectNode describe(Request request, Optional<Digest> layer) {
        JsonNode parent = Json.parse(blobs.readDocument(request.parent().id()), "image configuration");
        String now = Instant.now().toString();
        ObjectNode document = Json.object();
        for (String member : List.of("architecture", "variant", "os", "os.version", "os.features")) {
            if (parent.has(member)) {
                document.set(member, parent.get(member));
            }
        }
        if (!request.author().isEmpty()) {
            document.put("author", request.author());
        }
        if (!request.comment().isEmpty()) {
            document.put("comment", request.comment());
        }
        document.set("config", ofImages(object(request.config())));
        document.put("created", now);
        document.put("docker_version", request.engineVersion());
        ArrayNode history = document.putArray("history");
        parent.path("history").forEach(history::add);
        history.add(step(request, now, layer.isEmpty()));
        ObjectNode rootfs = document.putObject("rootfs").put("type", "layers");
        ArrayNode diffIds = rootfs.putArray("diff_ids");
        request.parent().diffIds().forEach(diffId -> diffIds.add(diffId.toString()));
        layer.ifPresent(diffId -> diffIds.add(diffId.toString()));
        return document;
    }

    private static ObjectNode step(Request request, String now, boolean empty) {
        ObjectNode step = Json.object().put("created", now).put("created_by", request.createdBy());
        if (!request.author().isEmpty()) {
            step.put("author", request.author());
        }
        if (!request.comment().isEmpty()) {
            step.put("comment", request.comment());
        }
        return empty ? step.put("empty_layer", true) : step;
    }

    private static ObjectNode ofImages(ObjectNode config) {
        ObjectNode result = Json.object();
        for (String member : MEMBERS) {
            JsonNode value = config.path(member);
            boolean absent = value.isMissingNode() || value.isNull() || value.isContainerNode() && value.isEmpty() || value.isTextual() && value.asText().isEmpty();
            if (!absent) {
                result.set(member, value);
            }
        }
        return result;
    }

    private static ObjectNode object(byte[] config) {
        if (Json.parse(config, "configuration") instanceof ObjectNode object) {
            return object;
        }
        throw StoreException.invalid("read configuration: it is not a JSON object");
    }
}
