package io.berth.api.container;

import io.berth.api.wire.container.PathStat;
import java.io.IOException;
import java.io.OutputStream;

/** A file or directory of a container, found and open, to be sent as a tar. */
public interface FileArchive extends AutoCloseable {
    PathStat stat();

    /** Once. A failure leaves the tar without its end. */
    void writeTo(OutputStream out) throws IOException;

    @Override
    void close();
}
