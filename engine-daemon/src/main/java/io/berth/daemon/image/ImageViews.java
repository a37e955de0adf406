package io.berth.daemon.image;

import io.berth.api.image.ListImages;
import io.berth.api.wire.GraphDriver;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.image.HistoryEntry;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.image.InspectImage;
import io.berth.api.wire.image.RemovedImage;
import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageHistory;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.ImagesNow;
import io.berth.store.image.Removed;
import io.berth.store.image.StoredImage;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Images as the API shows them. */
public final class ImageViews {

    private static final String MISSING = "<missing>";

    private final ImageStore store;
    private final Images images;
    private final Function<Digest, List<String>> containers;
    private final ManifestViews manifests;

    /** @param containers the ids of the containers of an image */
    public ImageViews(ImageStore store, Function<Digest, List<String>> containers) {
        this.store = store;
        this.images = store.images();
        this.containers = containers;
        this.manifests = new ManifestViews(store, containers);
    }

    ImageSummary summary(StoredImage image, ImageConfig config, ImagesNow now, ListImages request, Predicate<ImageReference> shown) {
        List<ImageReference> names = now.namesOf(image.id()).stream().filter(shown).toList();
        return new ImageSummary(containers.apply(image.id()).size(), seconds(config.created()), image.id().toString(),
                config.process().labels(), now.parentOf(image.id()).map(parent -> parent.id().toString()).orElse(""),
                manifests.descriptor(image).orElse(null), request.manifests() ? manifests.manifests(image) : List.of(), digests(names), tags(names),
                request.sharedSize() ? shared(image, now) : -1, image.size(), 0);
    }

    /** Bytes of the layers that another image has too. */
    private static long shared(StoredImage image, ImagesNow now) {
        return image.layers().stream().filter(layer -> now.list().stream().anyMatch(other -> !other.id().equals(image.id())
                && other.diffIds().contains(layer.diffId()))).mapToLong(StoredImage.Layer::contentSize).sum();
    }

    static RemovedImage removed(Removed what) {
        return switch (what) {
            case Removed.Untagged(String name) -> RemovedImage.ofReference(name);
            case Removed.Deleted(Digest digest) -> RemovedImage.ofId(digest.toString());
        };
    }

    private static List<String> tags(List<ImageReference> names) {
        return names.stream().filter(name -> name.tag().isPresent()).map(ImageReference::familiar).toList();
    }

    private static List<String> digests(List<ImageReference> names) {
        return names.stream().filter(name -> name.digest().isPresent()).map(ImageReference::familiar).toList();
    }

    InspectImage inspect(StoredImage image, boolean withManifests) {
        ImageConfig config = images.config(image.id());
        List<ImageReference> names = images.namesOf(image.id());
        InspectImage view = new InspectImage();
        view.id = image.id().toString();
        view.repoTags = tags(names);
        view.repoDigests = digests(names);
        view.parent = parent(image);
        view.comment = config.comment();
        view.created = config.created();
        view.dockerVersion = config.dockerVersion();
        view.author = config.author();
        view.architecture = config.architecture();
        view.variant = config.variant();
        view.os = config.os();
        view.osVersion = config.osVersion();
        view.size = image.size();
        view.graphDriver = graphDriver(image);
        view.rootFs = new InspectImage.RootFs("layers", image.diffIds().stream().map(Digest::toString).toList());
        images.taggedAt(image.id()).ifPresent(time -> view.metadata = new InspectImage.Metadata(time.toString()));
        view.descriptor = manifests.descriptor(image).orElse(null);
        view.manifests = withManifests ? manifests.manifests(image) : List.of();
        view.config = config(config.process());
        return view;
    }

    private GraphDriver graphDriver(StoredImage image) {
        List<String> directories = store.lowerDirectories(image).stream().map(Path::toString).toList();
        Map<String, String> data = new LinkedHashMap<>();
        if (!directories.isEmpty()) {
            data.put("UpperDir", directories.getFirst());
            if (directories.size() > 1) {
                data.put("LowerDir", String.join(":", directories.subList(1, directories.size())));
            }
        }
        return new GraphDriver(data, "overlay2");
    }

    private static InspectImage.Config config(ImageConfig.Process process) {
        InspectImage.Config view = new InspectImage.Config();
        view.cmd = process.command();
        view.entrypoint = process.entrypoint();
        view.env = process.environment();
        view.exposedPorts = keys(process.exposedPorts());
        process.healthCheck().ifPresent(check -> view.healthcheck = new ContainerConfig.Healthcheck(check.test(), check.interval().toNanos(),
                check.timeout().toNanos(), check.startPeriod().toNanos(), check.startInterval().toNanos(), check.retries()));
        view.labels = process.labels();
        view.onBuild = process.onBuild();
        view.shell = process.shell();
        view.stopSignal = process.stopSignal();
        view.user = process.user();
        view.volumes = keys(process.volumes());
        view.workingDir = process.workingDirectory();
        return view;
    }

    private static Map<String, Map<String, Object>> keys(Collection<String> keys) {
        Map<String, Map<String, Object>> map = new LinkedHashMap<>();
        keys.forEach(key -> map.put(key, Map.of()));
        return map;
    }

    private String parent(StoredImage image) {
        return images.parentOf(image.id()).map(parent -> parent.id().toString()).orElse("");
    }

    /** The newest step first. The image itself is at its top, and what it was made from at the steps below, one by one. */
    List<HistoryEntry> history(StoredImage image) {
        List<HistoryEntry> entries = new ArrayList<>();
        Optional<Digest> at = Optional.of(image.id());
        for (ImageHistory.Line line : ImageHistory.of(image, images.config(image.id()))) {
            ImageConfig.Step step = line.step();
            entries.add(new HistoryEntry(step.comment(), seconds(step.created()), step.createdBy(), at.map(Digest::toString).orElse(MISSING),
                    line.size(), at.map(id -> tags(images.namesOf(id))).orElse(List.of())));
            at = at.flatMap(images::parentOf).map(StoredImage::id);
        }
        return entries;
    }

    /** Zero when there is no time, or one that makes no sense. */
    private static long seconds(String time) {
        try {
            return time.isEmpty() ? 0 : OffsetDateTime.parse(time).toEpochSecond();
        } catch (DateTimeParseException unsound) {
            return Instant.EPOCH.getEpochSecond();
        }
    }
}
