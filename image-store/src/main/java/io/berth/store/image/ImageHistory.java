package io.berth.store.image;

import io.berth.store.content.StoreException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** How an image came to be. */
public final class ImageHistory {

    private ImageHistory() {}

    /** @param size bytes of the files in the layer the step made; 0 when it made none */
    public record Line(ImageConfig.Step step, long size) {}

    /**
     * The newest step first.
     *
     * @throws StoreException invalid, when the configuration tells of more layers than the image has
     */
    public static List<Line> of(StoredImage image, ImageConfig config) {
        Iterator<StoredImage.Layer> layersLeft = image.layers().iterator();
        List<Line> lines = new ArrayList<>();
        for (ImageConfig.Step step : config.history()) {
            if (!step.emptyLayer() && !layersLeft.hasNext()) {
                throw StoreException.invalid("too many non-empty layers in History section");
            }
            lines.add(new Line(step, step.emptyLayer() ? 0 : layersLeft.next().contentSize()));
        }
        return lines.reversed();
    }
}
