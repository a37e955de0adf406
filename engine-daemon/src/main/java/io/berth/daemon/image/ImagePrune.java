package io.berth.daemon.image;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.http.PastTime;
import io.berth.api.wire.image.PrunedImages;
import io.berth.daemon.system.EventLog;
import io.berth.store.DiskUse;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.Images;
import io.berth.store.image.Removed;
import io.berth.store.image.StoredImage;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code docker image prune}: removes what nobody uses. Whether an image is still unused is decided at the moment it goes. */
final class ImagePrune {

    private final Images images;
    private final DiskUse disk;
    private final EventLog events;
    private final Clock clock;
    private final AtomicBoolean underWay = new AtomicBoolean();

    ImagePrune(Images images, DiskUse disk, EventLog events, Clock clock) {
        this.images = images;
        this.disk = disk;
        this.events = events;
        this.clock = clock;
    }

    /** @throws ApiException conflict while another one goes on */
    PrunedImages prune(Filters filters) {
        boolean tagged = !filters.flag("dangling", true);
        Optional<Instant> until = PastTime.until(filters, clock);
        if (!underWay.compareAndSet(false, true)) {
            throw ApiException.conflict("a prune operation is already running");
        }
        try {
            List<StoredImage> meant = images.list().stream().filter(image -> isMeant(image, filters, until)).toList();
            List<Removed> removed = new ArrayList<>();
            long reclaimed = 0;
            for (StoredImage image : meant) {
                Map<DiskUse.Part, Long> before = sizes(image);
                List<Removed> gone = images.prune(image.id(), tagged);
                removed.addAll(gone);
                reclaimed += gone.isEmpty() ? 0 : freed(before);
            }
            events.publish("image", "prune", "", Map.of("reclaimed", Long.toString(reclaimed)));
            return new PrunedImages(removed.stream().map(ImageViews::removed).toList(), reclaimed);
        } finally {
            underWay.set(false);
        }
    }

    private boolean isMeant(StoredImage image, Filters filters, Optional<Instant> until) {
        ImageConfig config;
        try {
            config = images.config(image.id());
        } catch (StoreException goneOrDamaged) {
            return false;
        }
        return !images.now().hasChildren(image.id())
                && until.map(time -> config.createdAt().filter(created -> !created.isAfter(time)).isPresent()).orElse(true)
                && filters.matchesLabels(config.process().labels());
    }

    /** What could go with an image: its own, and that of the images it was made from. */
    private Map<DiskUse.Part, Long> sizes(StoredImage image) {
        Map<DiskUse.Part, Long> sizes = new LinkedHashMap<>();
        for (Optional<StoredImage> at = Optional.of(image); at.isPresent(); at = images.parentOf(at.get().id())) {
            DiskUse.partsOf(at.get()).forEach(part -> sizes.computeIfAbsent(part, disk::of));
        }
        return sizes;
    }

    private long freed(Map<DiskUse.Part, Long> before) {
        return before.entrySet().stream().filter(part -> !disk.isThere(part.getKey())).mapToLong(Map.Entry::getValue).sum();
    }
}
