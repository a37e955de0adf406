package io.berth.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A connection after the switch to raw bytes. Either it is used through {@link #input} and {@link #output}, or the socket itself is
 * handed over to somebody else; not both.
 */
public interface HijackedStream extends AutoCloseable {
    /**
     * What the client sends, beginning with bytes that were glued to its request. Ends when the client closes its sending half,
     * which says nothing about the other half: it may go on reading.
     */
    InputStream input();

    /**
     * Where the client reads. Each {@code write} is sent at once and blocks while the client is slow; to a client that has gone it
     * throws {@link ClientGoneException}. Closing it closes our sending half only.
     */
    OutputStream output();

    /** Whether it is a WebSocket, whose bytes are only to be had here: it cannot be handed over. */
    default boolean isWebSocket() {
        return false;
    }

    /**
     * Takes the connection away from this server without closing it; afterwards this stream is dead and closing it does nothing.
     * To be called before anything was read from {@link #input}. No byte is lost or doubled: what the server read already is in
     * {@link SocketHandover#received()}, everything later is still in the socket.
     */
    SocketHandover handOver() throws IOException;

    /** The same stream for another owner; closing this one does nothing from now on. */
    HijackedStream passOn();

    /** Closes the connection after what was written has been sent. */
    @Override
    void close();
}
