package io.berth.daemon.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.api.container.CommitContainer;
import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.daemon.build.ConfigChanges;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.spec.ImageDefaults;
import io.berth.daemon.spec.Signals;
import io.berth.store.ImageStore;
import io.berth.store.archive.ImageCommit;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageConfigReader;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Json;
import io.berth.store.image.StoredImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes images of containers. One that runs stands still meanwhile, so that the image has its files as they were at one moment.
 */
final class ContainerCommit {

    private final ImageStore store;
    private final RootFilesystem filesystems;
    private final ContainerPause pause;
    private final ContainerEvents events;
    private final String engineVersion;

    ContainerCommit(ImageStore store, RootFilesystem filesystems, ContainerPause pause, ContainerEvents events, String engineVersion) {
        this.store = store;
        this.filesystems = filesystems;
        this.pause = pause;
        this.events = events;
        this.engineVersion = engineVersion;
    }

    /** For a thread that may wait in the kernel. */
    StoredImage commit(Container container, CommitContainer request) throws IOException {
        if (container.state() instanceof ContainerState.Removing || container.state() instanceof ContainerState.Dead) {
            throw ApiException.conflict("You cannot commit container " + container.id() + " which is being removed");
        }
        Optional<ImageReference> name = name(request);
        byte[] config = config(container.definition().config(), request);
        StoredImage parent = store.images().ofContainer(container.definition().imageId()).orElseThrow(() -> StoreException.corrupt("image "
                + container.definition().imageId() + " of a container is gone; load it again"));
        ImageCommit.Request wanted = new ImageCommit.Request(parent, filesystems.upper(container.id()).toString(), config,
                command(container.definition().config()), request.author(), request.comment(), name, engineVersion);
        Optional<ContainerState.Paused> held = request.pause() ? pause.hold(container) : Optional.empty();
        StoredImage image;
        try {
            Failpoint.COMMIT_HELD.reach();
            image = store.commits().commit(wanted, ContainerCommit::reached);
            events.publish(container, "commit", Map.of("comment", request.comment(), "imageID", image.id().toString(),
                    "imageRef", name.map(ImageReference::familiar).orElse("")));
        } finally {
            held.ifPresent(pauseOfOurs -> pause.release(container, pauseOfOurs));
        }
        Failpoint.COMMIT_RELEASED.reach();
        return image;
    }

    private static Optional<ImageReference> name(CommitContainer request) {
        if (request.repository().isEmpty()) {
            return Optional.empty();
        }
        ImageReference repository = ImageReference.parse(request.repository());
        if (repository.digest().isPresent()) {
            throw ApiException.invalid("cannot import digest reference");
        }
        return Optional.of(request.tag().isEmpty() ? repository.withDefaultTag() : repository.withTag(request.tag()));
    }

    /** What the client says and its changes, then what the container has for everything that is still open. */
    private static byte[] config(ContainerConfig own, CommitContainer request) throws IOException {
        byte[] asked = io.berth.api.wire.Json.bytes(request.config().orElse(own));
        byte[] changed = ConfigChanges.apply(asked, request.changes());
        ContainerConfig client = io.berth.api.wire.Json.mapper().readValue(changed, ContainerConfig.class);
        ContainerConfig merged = ImageDefaults.merge(client, asImage(own));
        if (List.of("").equals(client.entrypoint)) {
            merged.entrypoint = client.entrypoint; // of the image too
        }
        if (!merged.stopSignal.equals(own.stopSignal)) {
            Signals.parse(merged.stopSignal);
        }
        return io.berth.api.wire.Json.bytes(merged);
    }

    private static ImageConfig asImage(ContainerConfig config) {
        ObjectNode document = Json.object();
        document.set("config", Json.parse(io.berth.api.wire.Json.bytes(config), "configuration of a container"));
        return ImageConfigReader.read(Json.bytes(document));
    }

    private static String command(ContainerConfig config) {
        return String.join(" ", config.cmd == null ? List.of() : config.cmd);
    }

    private static void reached(ImageCommit.Step step) {
        switch (step) {
            case LAYER_WRITTEN -> Failpoint.COMMIT_LAYER_WRITTEN.reach();
            case LAYER_UNPACKED -> Failpoint.COMMIT_LAYER_UNPACKED.reach();
            case LAYER_STORED -> Failpoint.COMMIT_LAYER_STORED.reach();
            case CONFIGURATION_STORED -> Failpoint.COMMIT_CONFIGURATION_STORED.reach();
            case RECORDED -> Failpoint.COMMIT_RECORDED.reach();
        }
    }
}
