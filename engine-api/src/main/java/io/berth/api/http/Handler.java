package io.berth.api.http;

/**
 * Answers one request, on a virtual thread of its own, in blocking style.
 *
 * <p>An {@link ApiException} thrown before the response was begun becomes the error response of its kind; any other exception is
 * logged and answered with status 500. After the response was begun, an exception ends the connection, so that the client sees a
 * cut and not a complete answer. A handler that returns without having begun a response is a programming error and answers 500.
 */
@FunctionalInterface
public interface Handler {
    void handle(Exchange exchange) throws Exception;
}
