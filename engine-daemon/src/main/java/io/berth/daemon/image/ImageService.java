package io.berth.daemon.image;

import io.berth.api.http.ApiException;
import io.berth.api.image.ImageOperations;
import io.berth.api.image.ImportImage;
import io.berth.api.image.ListImages;
import io.berth.api.image.LoadImages;
import io.berth.api.image.ProgressSink;
import io.berth.api.image.PullImage;
import io.berth.api.image.RemoveImage;
import io.berth.api.wire.image.HistoryEntry;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.image.InspectImage;
import io.berth.api.wire.image.Progress;
import io.berth.api.wire.image.RemovedImage;
import io.berth.daemon.system.Failures;
import io.berth.linux.kernel.Architecture;
import io.berth.store.ImageStore;
import io.berth.store.archive.ImageImport;
import io.berth.store.archive.LoadProgress;
import io.berth.store.content.Digest;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Removed;
import io.berth.store.image.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** The API's operations on images, on the image store. */
public final class ImageService implements ImageOperations {

    private final ImageStore store;
    private final Images images;
    private final ImageViews views;
    private final ImagePulls pulls;
    private final String engineVersion;

    public ImageService(ImageStore store, ImageViews views, ImagePulls pulls, String engineVersion) {
        this.store = store;
        this.images = store.images();
        this.views = views;
        this.pulls = pulls;
        this.engineVersion = engineVersion;
    }

    @Override
    public List<ImageSummary> list(ListImages request) {
        ImageFilter filter = new ImageFilter(request.filters(), request.all(), images);
        return images.list().stream().filter(filter::passes).map(image -> views.summary(image, request.sharedSize(), filter::shows)).toList();
    }

    @Override
    public InspectImage inspect(String image, Optional<String> platform) {
        StoredImage found = images.resolve(image);
        requirePlatform(image, images.config(found.id()), platform);
        return views.inspect(found);
    }

    @Override
    public List<HistoryEntry> history(String image, Optional<String> platform) {
        StoredImage found = images.resolve(image);
        requirePlatform(image, images.config(found.id()), platform);
        return views.history(found);
    }

    private static void requirePlatform(String image, ImageConfig config, Optional<String> platform) {
        if (platform.isPresent() && !platform.get().contains("\"" + config.architecture() + "\"")
                && !platform.get().endsWith("/" + config.architecture())) {
            throw ApiException.notFound("No such image: " + image + ": it does not provide the platform " + platform.get());
        }
    }

    @Override
    public void tag(String image, String repository, String tag) {
        ImageReference name = ImageReference.parse(repository);
        if (name.digest().isPresent()) {
            throw ApiException.invalid("refusing to create a tag with a digest reference");
        }
        images.tag(image, tag.isEmpty() ? name.withDefaultTag() : name.withTag(tag));
    }

    @Override
    public List<RemovedImage> remove(RemoveImage request) {
        if (!request.platforms().isEmpty()) {
            throw ApiException.notImplemented("removing single platforms of an image is not supported by this version of berth");
        }
        return images.remove(request.image(), request.force(), request.prune()).stream().map(removed -> switch (removed) {
            case Removed.Untagged(String name) -> RemovedImage.ofReference(name);
            case Removed.Deleted(Digest digest) -> RemovedImage.ofId(digest.toString());
        }).toList();
    }

    @Override
    public void load(InputStream archive, LoadImages request, ProgressSink progress) throws IOException {
        if (!request.platforms().isEmpty()) {
            throw ApiException.notImplemented("loading single platforms of an image is not supported by this version of berth");
        }
        try {
            store.archives().load(archive, new Told(progress, request.quiet()));
        } catch (UncheckedIOException clientGone) {
            throw clientGone.getCause();
        } catch (RuntimeException refused) {
            // Always in-band, as the reference does: the CLI shows what is in the stream.
            progress.write(Progress.failed(Failures.translate(refused) instanceof ApiException told ? told.getMessage()
                    : "internal error of the engine, see its log"));
        }
    }

    @Override
    public void pull(PullImage request, ProgressSink progress) throws IOException, InterruptedException {
        pulls.run(request, progress);
    }

    @Override
    public void importRoot(InputStream archive, ImportImage request, ProgressSink progress) throws IOException {
        Optional<ImageReference> name = Optional.of(request.repository()).filter(repository -> !repository.isEmpty())
                .map(ImageReference::parse).map(parsed -> request.tag().isEmpty() ? parsed.withDefaultTag() : parsed.withTag(request.tag()));
        String[] platform = request.platform().filter(text -> !text.isEmpty()).orElse("linux/" + Architecture.current().ociName()).split("/");
        if (platform.length < 2 || !platform[0].equals("linux")) {
            throw ApiException.invalid("invalid platform \"" + request.platform().orElse("") + "\": images for linux/ARCHITECTURE can be imported");
        }
        StoredImage image = store.imports().load(archive, new ImageImport.Request(name, request.changes(), request.message(), platform[0],
                platform[1], platform.length > 2 ? platform[2] : "", engineVersion));
        progress.write(Progress.status(image.id().toString()));
    }

    /** Passes the store's progress on to the client. */
    private record Told(ProgressSink sink, boolean quiet) implements LoadProgress {
        @Override
        public void line(String line) {
            send(Progress.text(line));
        }

        @Override
        public void layer(Digest diffId, long current, long total) {
            if (!quiet) {
                send(Progress.step(diffId.hex().substring(0, 12), "Loading layer", current, total));
            }
        }

        private void send(Progress progress) {
            try {
                sink.write(progress);
            } catch (IOException clientGone) {
                throw new UncheckedIOException(clientGone);
            }
        }
    }
}
