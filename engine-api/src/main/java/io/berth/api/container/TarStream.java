package io.berth.api.container;

import java.io.IOException;
import java.io.OutputStream;

/** Files of a container, found and open, to be sent as a tar. */
public interface TarStream extends AutoCloseable {
    /** Once. A failure leaves the tar without its end. */
    void writeTo(OutputStream out) throws IOException;

    @Override
    void close();
}
