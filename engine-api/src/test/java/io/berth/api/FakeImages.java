package io.berth.api;

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
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Images of which only {@code there} exists; it remembers what it was asked. */
public final class FakeImages implements ImageOperations {
    /** In its order; what follows the end of an answer may come after the client has read that. */
    public final List<Object> asked = Collections.synchronizedList(new ArrayList<>());

    private static void requireThere(String image) {
        if (!image.equals("docker.io/library/there:1")) {
            throw ApiException.notFound("No such image: " + image + ":latest");
        }
    }

    @Override
    public List<ImageSummary> list(ListImages request) {
        asked.add(request);
        return List.of();
    }

    @Override
    public InspectImage inspect(String image, Optional<String> platform, boolean manifests) {
        requireThere(image);
        return new InspectImage();
    }

    @Override
    public List<HistoryEntry> history(String image, Optional<String> platform) {
        requireThere(image);
        return List.of();
    }

    @Override
    public PrunedImages prune(Filters filters) {
        asked.add(filters);
        return new PrunedImages(List.of(RemovedImage.ofId("sha256:1")), 7);
    }

    @Override
    public void tag(String image, String repository, String tag) {
        requireThere(image);
        asked.add(repository + " " + tag);
    }

    @Override
    public List<RemovedImage> remove(RemoveImage request) {
        asked.add(request);
        requireThere(request.image());
        return List.of(RemovedImage.ofReference("there:1"), RemovedImage.ofId("sha256:1"));
    }

    @Override
    public void load(InputStream archive, LoadImages request, ProgressSink progress) throws IOException {
        asked.add(request);
        take(archive, progress);
    }

    @Override
    public SavedImages save(SaveImages request) {
        asked.add(request);
        request.names().forEach(FakeImages::requireThere);
        return new SavedImages() {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write("archive".getBytes());
            }

            @Override
            public void close() {
                asked.add("closed");
            }
        };
    }

    @Override
    public void importRoot(InputStream archive, ImportImage request, ProgressSink progress) throws IOException {
        asked.add(request);
        take(archive, progress);
    }

    @Override
    public void pull(PullImage request, ProgressSink progress) throws IOException {
        asked.add(request);
        progress.write(Progress.step("0123456789ab", "Downloading", 36_445, 1_080_149));
    }

    @Override
    public void push(PushImage request, ProgressSink progress) throws IOException {
        asked.add(request);
        progress.write(Progress.status("begun"));
    }

    private static void take(InputStream archive, ProgressSink progress) throws IOException {
        String content = new String(archive.readAllBytes());
        switch (content) {
            case "bad" -> throw ApiException.invalid("read the archive: not a tar");
            case "late" -> {
                progress.write(Progress.status("begun"));
                throw ApiException.invalid("read the archive: it breaks off");
            }
            case "bug" -> {
                progress.write(Progress.status("begun"));
                throw new IllegalStateException("secret internals");
            }
            default -> progress.write(Progress.text("Loaded image: " + content + "\n"));
        }
    }
}
