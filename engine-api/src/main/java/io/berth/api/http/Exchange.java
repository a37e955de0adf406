package io.berth.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * One request and its response, for the one virtual thread that handles it.
 *
 * <p>Exactly one of {@link #respond(int)}, {@link #respond(int, Object)}, {@link #respondText}, {@link #stream}, {@link #jsonLines}
 * and {@link #hijack} begins the response; a second one is an {@link IllegalStateException}. To a {@code HEAD} request the same
 * head is sent and no body.
 */
public interface Exchange {
    String method();

    /** The path without the version prefix, percent-decoded. */
    String path();

    /** The version the client asked for, or the newest when it asked for none. */
    ApiVersion version();

    /** The part of the path that stood for {@code {name}} in the route; an unknown name is an {@link IllegalArgumentException}. */
    String parameter(String name);

    Query query();

    /** The {@code filters} of the query; none when absent. An unreadable one is {@code invalid filter} (400). */
    default Filters filters() {
        return Filters.parse(query().text("filters"));
    }

    /** The first value of a header of the request. */
    Optional<String> header(String name);

    /**
     * The body of the request, empty when there is none. Reading blocks until bytes arrive and takes them from the socket only as
     * fast as it is called. A client that vanishes in the middle makes it throw {@link ClientGoneException}. What a handler leaves
     * unread is drained when it is small, else the connection is closed after the response.
     */
    InputStream body();

    /**
     * The body as a value, under the reference's rules: a body needs the content type {@code application/json} (400), must not be
     * empty, broken, or followed by more (400).
     */
    <T> T json(Class<T> type);

    /** As {@link #json}, but empty when the request has no body at all. */
    <T> Optional<T> jsonIfAny(Class<T> type);

    /** Adds a header to the response; to be called before it is begun. */
    void setHeader(String name, String value);

    /** A response without body. */
    void respond(int status) throws IOException;

    /** A JSON response, {@code Content-Type: application/json}, with a line end after the value as the reference sends it. */
    void respond(int status, Object json) throws IOException;

    void respondText(int status, String contentType, String text) throws IOException;

    /**
     * Begins a response of unknown length: its head is on its way to the client when this returns. Each {@code write} is sent at
     * once ({@code flush} does nothing more) and blocks while the client is slow: at most some 100 KiB wait in memory. Closing the
     * stream ends the response; when the handler returns normally the stream is closed for it.
     */
    OutputStream stream(int status, String contentType) throws IOException;

    /** Begins a streamed response of JSON values, one a line. */
    default JsonLines jsonLines() throws IOException {
        return jsonLines("\n");
    }

    /** The reference ends the lines of progress by {@code \r\n}, and others by {@code \n}. */
    JsonLines jsonLines(String lineEnd) throws IOException;

    /**
     * Takes the connection over for raw bytes in both directions: {@code 101 UPGRADED} when the client asked for an upgrade, else
     * {@code 200 OK}, with no headers but those that concern the switch; the head is on its way when this returns. The connection ends
     * with the stream; no further request comes on it. The request must have no unread body (400).
     */
    HijackedStream hijack(String contentType) throws IOException;

    /**
     * As {@link #hijack}, for a client that asks for a WebSocket (RFC 6455): the stream is what its messages hold, and each write a
     * binary message. A client that does not ask for one is refused: 400 {@code not websocket protocol}.
     */
    HijackedStream webSocket() throws IOException;

    /**
     * Runs the action when the client closes its connection (or the sending half of it) before the response is complete, at once if
     * it has gone already; at most once, on a thread that must not be blocked. Not for hijacked connections, where the end of the
     * input tells it.
     */
    void onClientGone(Runnable action);

    /**
     * Runs a blocking wait of the handler and interrupts it when the client goes.
     *
     * @throws ClientGoneException when the client went before the wait ended
     */
    <T> T whileClientStays(Callable<T> wait) throws Exception;
}
