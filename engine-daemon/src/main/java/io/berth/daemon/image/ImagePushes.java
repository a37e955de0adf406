package io.berth.daemon.image;

import io.berth.api.image.ProgressSink;
import io.berth.api.image.PushImage;
import io.berth.daemon.registry.RegistryAccess;
import io.berth.daemon.registry.RegistryAuth;
import io.berth.store.ImageStore;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Platform;
import io.berth.store.registry.Credentials;
import io.berth.store.transfer.Push;
import io.berth.store.transfer.TransferSettings;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code docker push} for the API. What pushes is made when somebody first pushes. */
public final class ImagePushes {

    private final ImageStore store;
    private final RegistryAccess registries;
    private final Supplier<TransferSettings> settings;
    private Push push;

    public ImagePushes(ImageStore store, RegistryAccess registries, Supplier<TransferSettings> settings) {
        this.store = store;
        this.registries = registries;
        this.settings = settings;
    }

    private synchronized Push push() {
        if (push == null) {
            push = store.pushes(registries.get(), settings.get());
        }
        return push;
    }

    void run(PushImage request, ProgressSink sink) throws IOException, InterruptedException {
        ImageReference parsed = ImageReference.parse(request.image());
        ImageReference name = request.tag().isEmpty() ? parsed : parsed.withTag(request.tag());
        Optional<Platform> platform = request.platform().map(Platform::parse);
        Credentials credentials = RegistryAuth.parse(request.registryAuth());
        ProgressLines lines = new ProgressLines();
        lines.run("push", () -> push().push(name, platform, credentials, new PushLines(lines)), sink);
    }
}
