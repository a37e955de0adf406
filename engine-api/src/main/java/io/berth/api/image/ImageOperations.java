package io.berth.api.image;

import io.berth.api.http.Filters;
import io.berth.api.wire.image.HistoryEntry;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.image.InspectImage;
import io.berth.api.wire.image.PrunedImages;
import io.berth.api.wire.image.RemovedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * What the API does with images. Called on a virtual thread each; every operation may block.
 *
 * <p>{@code image} is what the client wrote: a reference ({@code alpine}, {@code alpine:3}, {@code name@sha256:…}), an id, or a
 * unique beginning of one. All refuse by {@link io.berth.api.http.ApiException}: an unknown image is NOT_FOUND
 * {@code No such image: X:tag}, a malformed reference INVALID {@code invalid reference format}.
 *
 * <p>Operations that tell their progress may throw until they have written the first line; afterwards a failure that is thrown
 * becomes a last line {@link io.berth.api.wire.image.Progress#failed}, because the status of the response is gone.
 */
public interface ImageOperations {
    /** The newest first. */
    List<ImageSummary> list(ListImages request);

    /**
     * @param platform the JSON of the one the image has to be for, else it is NOT_FOUND
     * @param manifests show what the document names by which it came
     */
    InspectImage inspect(String image, Optional<String> platform, boolean manifests);

    /** The newest step first. */
    List<HistoryEntry> history(String image, Optional<String> platform);

    /** Gives an image a further reference, taking it from another image if need be. */
    void tag(String image, String repository, String tag);

    /** In the order in which things were removed. Used by a container is CONFLICT, with the reference's text. */
    List<RemovedImage> remove(RemoveImage request);

    /**
     * Removes what nobody uses: images without a tag, or with the filter {@code dangling=false} all that no container stands on. One
     * at a time; another one meanwhile is CONFLICT.
     */
    PrunedImages prune(Filters filters);

    /**
     * Takes in the images of a {@code docker save} or OCI archive, plain or compressed, and writes
     * {@code Loaded image: NAME\n} (or {@code Loaded image ID: …\n}) for each. Nothing is left of an archive that is refused.
     */
    void load(InputStream archive, LoadImages request, ProgressSink progress) throws IOException;

    /**
     * Brings an image from a registry. An interrupt ends it, and nothing is left of it then.
     */
    void pull(PullImage request, ProgressSink progress) throws IOException, InterruptedException;

    /** Finds the images to be sent as one archive, Docker's and an OCI layout in one. */
    SavedImages save(SaveImages request);

    /**
     * Sends an image to a registry, with all that belongs to it. What goes wrong once it has begun is told in the last line. An
     * interrupt ends it: its tag is not in the registry then.
     */
    void push(PushImage request, ProgressSink progress) throws IOException, InterruptedException;

    /** Makes an image of one layer from a tar of a root filesystem; the last line is a status with the image's id. */
    void importRoot(InputStream body, ImportImage request, ProgressSink progress) throws IOException;
}
