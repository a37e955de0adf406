package io.berth.api.image;

import io.berth.api.http.ApiVersion;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.image.InspectImage;
import java.util.List;

/** How earlier versions of the API show images. */
final class ImageForms {
    private static final ApiVersion FIRST_WITH_EMPTY_LISTS = new ApiVersion(1, 43);
    private static final ApiVersion FIRST_WITHOUT_VIRTUAL_SIZE = new ApiVersion(1, 44);
    private static final ApiVersion FIRST_WITHOUT_CONTAINER_CONFIG = new ApiVersion(1, 45);
    private static final ApiVersion FIRST_WITH_DESCRIPTOR = new ApiVersion(1, 48);
    private static final ApiVersion FIRST_WITHOUT_CONTAINERS_FIELDS = new ApiVersion(1, 50);
    private static final ApiVersion FIRST_WITH_CONTAINERS = new ApiVersion(1, 51);
    private static final String ZERO_TIME = "0001-01-01T00:00:00Z";

    private ImageForms() {
    }

    static ImageSummary summary(ImageSummary image, ApiVersion version) {
        boolean emptyLists = !version.isBefore(FIRST_WITH_EMPTY_LISTS);
        boolean nameless = image.repoTags().isEmpty() && image.repoDigests().isEmpty();
        return new ImageSummary(version.isBefore(FIRST_WITH_CONTAINERS) ? -1 : image.containers(), image.created(), image.id(), image.labels(),
                image.parentId(), version.isBefore(FIRST_WITH_DESCRIPTOR) ? null : image.descriptor(), image.manifests(),
                emptyLists ? image.repoDigests() : older(image.repoDigests(), nameless, "<none>@<none>"),
                emptyLists ? image.repoTags() : older(image.repoTags(), nameless, "<none>:<none>"), image.sharedSize(), image.size(),
                version.isBefore(FIRST_WITHOUT_VIRTUAL_SIZE) ? image.size() : 0);
    }

    private static List<String> older(List<String> names, boolean nameless, String none) {
        if (!names.isEmpty()) {
            return names;
        }
        return nameless ? List.of(none) : null;
    }

    static InspectImage inspected(InspectImage image, ApiVersion version) {
        if (version.isBefore(FIRST_WITHOUT_VIRTUAL_SIZE)) {
            image.virtualSize = image.size;
            image.created = image.created.isEmpty() ? ZERO_TIME : image.created;
        }
        if (version.isBefore(FIRST_WITHOUT_CONTAINER_CONFIG)) {
            image.containerConfig = new ContainerConfig();
            image.containerConfig.env = null;
            image.containerConfig.labels = null;
        }
        if (version.isBefore(FIRST_WITH_DESCRIPTOR)) {
            image.descriptor = null;
        }
        if (version.isBefore(FIRST_WITHOUT_CONTAINERS_FIELDS)) {
            image.config = new InspectImage.ContainersConfig(image.config);
        }
        return image;
    }
}
