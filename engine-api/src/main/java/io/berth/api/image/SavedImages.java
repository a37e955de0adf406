package io.berth.api.image;

import java.io.IOException;
import java.io.OutputStream;

/** Images, found and held, to be sent as a tar. */
public interface SavedImages extends AutoCloseable {
    /** Once. A failure leaves the tar without its end. */
    void writeTo(OutputStream out) throws IOException;

    @Override
    void close();
}
