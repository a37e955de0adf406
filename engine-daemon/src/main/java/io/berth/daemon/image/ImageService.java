package io.berth.daemon.image;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.image.ImageOperations;
import io.berth.api.image.ImportImage;
import io.berth.api.image.ListImages;
import io.berth.api.image.LoadImages;
import io.berth.api.image.ProgressSink;
import io.berth.api.image.PullImage;
import io.berth.api.image.PushImage;
import io.berth.api.image.RemoveImage;
import io.berth.api.image.SaveImages;
import io.berth.api.image.SavedImages;
import io.berth.api.wire.image.HistoryEntry;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.image.InspectImage;
import io.berth.api.wire.image.Progress;
import io.berth.api.wire.image.PrunedImages;
import io.berth.api.wire.image.RemovedImage;
import io.berth.daemon.build.ConfigChanges;
import io.berth.daemon.system.EventLog;
import io.berth.daemon.system.Failures;
import io.berth.store.ImageStore;
import io.berth.store.archive.ImageImport;
import io.berth.store.archive.LoadProgress;
import io.berth.store.archive.RemoteArchive;
import io.berth.store.archive.SavedArchive;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.ImagesNow;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.registry.RegistrySettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The API's operations on images, on the image store. */
public final class ImageService implements ImageOperations {

    private final ImageStore store;
    private final Images images;
    private final ImageViews views;
    private final ImagePulls pulls;
    private final ImagePushes pushes;
    private final Supplier<RegistrySettings> registries;
    private final ImagePrune prune;
    private final String engineVersion;
    private final Clock clock;

    /** @param registries asked for the proxies, which an import goes through too */
    public ImageService(ImageStore store, ImageViews views, ImagePulls pulls, ImagePushes pushes, Supplier<RegistrySettings> registries,
            EventLog events, String engineVersion, Clock clock) {
        this.store = store;
        this.images = store.images();
        this.views = views;
        this.pulls = pulls;
        this.pushes = pushes;
        this.registries = registries;
        this.prune = new ImagePrune(images, store.diskUse(), events, clock);
        this.engineVersion = engineVersion;
        this.clock = clock;
    }

    @Override
    public List<ImageSummary> list(ListImages request) {
        ImagesNow now = images.now();
        ImageFilter filter = new ImageFilter(request.filters(), request.all(), images, now, clock);
        return now.list().stream().flatMap(image -> config(image).filter(config -> filter.passes(image, config))
                        .map(config -> views.summary(image, config, now, request, filter::shows)).stream())
                .sorted(Comparator.comparingLong(ImageSummary::created).reversed()).toList();
    }

    /** Nothing when the image has been removed since it was listed. */
    private Optional<ImageConfig> config(StoredImage image) {
        try {
            return Optional.of(images.config(image.id()));
        } catch (StoreException failure) {
            if (images.list().stream().anyMatch(there -> there.id().equals(image.id()))) {
                throw failure;
            }
            return Optional.empty();
        }
    }

    @Override
    public InspectImage inspect(String image, Optional<String> platform, boolean manifests) {
        return views.inspect(find(image, platform), manifests);
    }

    @Override
    public List<HistoryEntry> history(String image, Optional<String> platform) {
        return views.history(find(image, platform));
    }

    private StoredImage find(String text, Optional<String> platform) {
        StoredImage image = images.resolve(text);
        Platform has = images.config(image.id()).platform();
        platform.map(Platform::parse).filter(wanted -> !has.runsOn(wanted)).ifPresent(wanted -> {
            throw ApiException.notFound("image with reference " + text + " was found but its platform (" + has
                    + ") does not match the specified platform (" + wanted + ")");
        });
        return image;
    }

    @Override
    public void tag(String image, String repository, String tag) {
        ImageReference name = ImageReference.parse(repository);
        if (name.digest().isPresent()) {
            throw ApiException.invalid("cannot import digest reference");
        }
        images.tag(image, tag.isEmpty() ? name.withDefaultTag() : name.withTag(tag));
    }

    @Override
    public List<RemovedImage> remove(RemoveImage request) {
        if (request.platforms().size() > 1) {
            throw ApiException.invalid("multiple platforms are not supported");
        }
        find(request.image(), request.platforms().stream().findFirst());
        return images.remove(request.image(), request.force(), request.prune()).stream().map(ImageViews::removed).toList();
    }

    @Override
    public PrunedImages prune(Filters filters) {
        return prune.prune(filters);
    }

    @Override
    public void load(InputStream archive, LoadImages request, ProgressSink progress) throws IOException {
        List<Platform> platforms = platforms(request.platforms());
        try {
            store.archives().load(archive, platforms, new Told(progress, request.quiet()));
        } catch (UncheckedIOException clientGone) {
            throw clientGone.getCause();
        } catch (RuntimeException refused) {
            // Always in-band, as the reference does: the CLI shows what is in the stream.
            progress.write(Progress.failed(Failures.translate(refused) instanceof ApiException told ? told.getMessage()
                    : "internal error of the engine, see its log"));
        }
    }

    private static List<Platform> platforms(List<String> texts) {
        return texts.stream().map(Platform::parse).toList();
    }

    @Override
    public void pull(PullImage request, ProgressSink progress) throws IOException, InterruptedException {
        pulls.run(request, progress);
    }

    @Override
    public void push(PushImage request, ProgressSink progress) throws IOException, InterruptedException {
        pushes.run(request, progress);
    }

    @Override
    public SavedImages save(SaveImages request) {
        SavedArchive archive = store.saves().select(request.names(), platforms(request.platforms()));
        return new SavedImages() {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                archive.writeTo(out);
            }

            @Override
            public void close() {
                archive.close();
            }
        };
    }

    @Override
    public void importRoot(InputStream body, ImportImage request, ProgressSink progress) throws IOException {
        if (request.source().equals("-")) {
            importFrom(body, "-", request, progress);
            return;
        }
        importRequest("-", request); // refused before anybody is asked for anything
        try (RemoteArchive remote = RemoteArchive.open(request.source(), registries.get().proxies())) {
            progress.write(Progress.status("Downloading from " + remote.uri()));
            importFrom(new CountedStream(remote.body(), remote.size(), progress), remote.uri().toString(), request, progress);
        }
    }

    private void importFrom(InputStream archive, String source, ImportImage request, ProgressSink progress) throws IOException {
        progress.write(Progress.status(store.imports().load(archive, importRequest(source, request)).id().toString()));
    }

    private ImageImport.Request importRequest(String source, ImportImage request) {
        Optional<ImageReference> name = Optional.of(request.repository()).filter(repository -> !repository.isEmpty())
                .map(ImageReference::parse).map(parsed -> request.tag().isEmpty() ? parsed.withDefaultTag() : parsed.withTag(request.tag()));
        Platform platform = request.platform().filter(text -> !text.isEmpty()).map(Platform::parse).orElseGet(Platform::here);
        if (!platform.os().equals("linux")) {
            throw ApiException.invalid("operating system is not supported: " + platform.os() + "; images for linux can be imported");
        }
        byte[] config = ConfigChanges.apply("{}".getBytes(StandardCharsets.UTF_8), request.changes());
        return new ImageImport.Request(source, name, config, request.message(), platform.os(), platform.architecture(), platform.variant(),
                engineVersion);
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
