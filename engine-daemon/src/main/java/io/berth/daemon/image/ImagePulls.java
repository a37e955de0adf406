package io.berth.daemon.image;

import io.berth.api.http.ApiException;
import io.berth.api.image.ProgressSink;
import io.berth.api.image.PullImage;
import io.berth.api.wire.image.Progress;
import io.berth.daemon.registry.RegistryAccess;
import io.berth.daemon.registry.RegistryAuth;
import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Platform;
import io.berth.store.registry.Credentials;
import io.berth.store.transfer.Pull;
import io.berth.store.transfer.Pulled;
import io.berth.store.transfer.TransferSettings;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code docker pull} for the API. What pulls is made when somebody first pulls. */
public final class ImagePulls {

    private final ImageStore store;
    private final RegistryAccess registries;
    private final Supplier<TransferSettings> settings;
    private Pull pull;

    public ImagePulls(ImageStore store, RegistryAccess registries, Supplier<TransferSettings> settings) {
        this.store = store;
        this.registries = registries;
        this.settings = settings;
    }

    private synchronized Pull pull() {
        if (pull == null) {
            pull = store.pulls(registries.get(), settings.get());
        }
        return pull;
    }

    void run(PullImage request, ProgressSink sink) throws IOException, InterruptedException {
        ImageReference name = name(request);
        Optional<Platform> platform = request.platform().map(Platform::parse);
        Credentials credentials = RegistryAuth.parse(request.registryAuth());
        ProgressLines lines = new ProgressLines();
        lines.run("pull", () -> run(name, platform, credentials, lines), sink);
    }

    private void run(ImageReference name, Optional<Platform> platform, Credentials credentials, ProgressLines lines) throws InterruptedException {
        PullLines told = new PullLines(lines);
        Optional<Pulled> pulled = name.isNameOnly() ? pull().pullAll(name, platform, credentials, told)
                : Optional.of(pull().pull(name, platform, credentials, told));
        lines.add(Progress.status("Status: " + (pulled.filter(Pulled::newer).isPresent() ? "Downloaded newer image for " : "Image is up to date for ")
                + name.familiar()));
        pulled.map(Pulled::platform).filter(found -> platform.isPresent() && !found.satisfies(platform.get())).ifPresent(found ->
                lines.add(Progress.status("WARNING: image with reference " + name.familiar() + " was found but its platform (" + found
                        + ") does not match the specified platform (" + platform.get() + ")")));
    }

    /** What stands in the query as tag may be a digest. Nothing can be pulled under the name of the image that is none. */
    private static ImageReference name(PullImage request) {
        ImageReference name = ImageReference.parse(request.image());
        if (Digest.isDigest(request.tag())) {
            name = name.withDigest(Digest.parse(request.tag()));
        } else if (!request.tag().isEmpty() && name.digest().isEmpty()) {
            name = name.withTag(request.tag());
        } else if (!request.tag().isEmpty()) {
            name = new ImageReference(name.domain(), name.path(), name.withTag(request.tag()).tag(), name.digest());
        }
        if (name.familiarName().equals("scratch")) {
            throw new ApiException(ApiException.Kind.FORBIDDEN, "'scratch' is a reserved name");
        }
        return name;
    }
}
