package io.berth.api.http;

import java.io.IOException;

/** A streamed response of JSON values, each followed by a line end and sent at once. Safe for several threads. */
public interface JsonLines extends AutoCloseable {
    /** Sends one value; blocks while the client is slow. */
    void write(Object value) throws IOException;

    /** Ends the response. */
    @Override
    void close() throws IOException;
}
