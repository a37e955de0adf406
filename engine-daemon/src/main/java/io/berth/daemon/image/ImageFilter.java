package io.berth.daemon.image;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The filters of {@code docker images}. */
final class ImageFilter {

    private static final Set<String> KEYS = Set.of("dangling", "label", "label!", "before", "since", "reference", "until");

    private final Filters filters;
    private final boolean all;
    private final Images images;

    /** @param all whether images without a name are shown too that others were made from */
    ImageFilter(Filters filters, boolean all, Images images) {
        this.filters = filters.requireKnown(KEYS);
        this.all = all;
        this.images = images;
        if (filters.has("until")) {
            throw ApiException.notImplemented("the filter \"until\" of images is not supported by this version of berth");
        }
    }

    boolean passes(StoredImage image) {
        ImageConfig config = images.config(image.id());
        List<ImageReference> names = images.namesOf(image.id());
        return isShown(image, names)
                && filters.matchesLabels(config.process().labels())
                && (!filters.has("reference") || names.stream().anyMatch(this::shows))
                && filters.matchesAny("before", other -> created(config).isBefore(created(images.config(images.resolve(other).id()))))
                && filters.matchesAny("since", other -> created(config).isAfter(created(images.config(images.resolve(other).id()))));
    }

    /** Dangling is what neither has a tag nor stands below another image. */
    private boolean isShown(StoredImage image, List<ImageReference> names) {
        if (!filters.has("dangling")) {
            return all || !names.isEmpty() || !images.hasChildren(image.id());
        }
        return filters.flag("dangling", false) ? names.stream().allMatch(name -> name.tag().isEmpty()) && !images.hasChildren(image.id())
                : !names.isEmpty();
    }

    /** Whether a name is one that was asked for; with a filter by name the others are not shown. */
    boolean shows(ImageReference name) {
        return filters.matchesAny("reference", pattern -> matches(pattern, name.familiar()) || matches(pattern, name.familiarName()));
    }

    private static boolean matches(String pattern, String name) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(Path.of(name));
        } catch (IllegalArgumentException invalid) {
            throw ApiException.invalid("invalid filter 'reference=" + pattern + "'");
        }
    }

    private static Instant created(ImageConfig config) {
        return config.createdAt().orElse(Instant.EPOCH);
    }
}
