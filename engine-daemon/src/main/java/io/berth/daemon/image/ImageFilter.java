package io.berth.daemon.image;

import io.berth.api.http.Filters;
import io.berth.api.http.PastTime;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.ImagesNow;
import io.berth.store.image.StoredImage;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The filters of {@code docker images}. Where a time is given several times, all of them have to hold; an image that does not say when it
 * was made is on neither side of any.
 */
final class ImageFilter {

    private final Filters filters;
    private final boolean all;
    private final Images images;
    private final ImagesNow now;
    private final Optional<Instant> before;
    private final Optional<Instant> since;
    private final List<NamePattern> patterns;

    /** @param all whether images without a name are shown too that others were made from */
    ImageFilter(Filters filters, boolean all, Images images, ImagesNow now, Clock clock) {
        this.filters = filters;
        this.all = all;
        this.images = images;
        this.now = now;
        this.before = Stream.concat(times("before"), PastTime.earliest(filters, clock).stream()).min(Comparator.naturalOrder());
        this.since = times("since").max(Comparator.naturalOrder());
        this.patterns = filters.get("reference").stream().map(NamePattern::new).toList();
        filters.flag("dangling", false);
    }

    /** When the images were made that are named so. */
    private Stream<Instant> times(String key) {
        return filters.get(key).stream().map(images::resolve).toList().stream()
                .flatMap(image -> images.config(image.id()).createdAt().stream());
    }

    boolean passes(StoredImage image, ImageConfig config) {
        return before.map(time -> config.createdAt().filter(created -> created.isBefore(time)).isPresent()).orElse(true)
                && since.map(time -> config.createdAt().filter(created -> created.isAfter(time)).isPresent()).orElse(true)
                && filters.matchesLabels(config.process().labels())
                && isShown(image, now.namesOf(image.id()).stream().filter(this::shows).toList());
    }

    /** Dangling is what neither has a tag nor stands below another image. */
    private boolean isShown(StoredImage image, List<ImageReference> names) {
        boolean dangling = filters.flag("dangling", false);
        if (!names.isEmpty()) {
            return !dangling || names.stream().allMatch(name -> name.tag().isEmpty()) && !now.hasChildren(image.id());
        }
        boolean hidden = !all && now.hasChildren(image.id()) || dangling && now.hasChildren(image.id());
        return !hidden && patterns.isEmpty() && (dangling || !filters.has("dangling"));
    }

    /** Whether a name is one that was asked for; with a filter by name the others are not shown. */
    boolean shows(ImageReference name) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }
}
