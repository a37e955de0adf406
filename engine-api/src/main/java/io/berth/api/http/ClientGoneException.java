package io.berth.api.http;

import java.io.IOException;

/** The client closed its connection; there is nobody left to answer. Handlers let it pass; it is not an error of the engine. */
public final class ClientGoneException extends IOException {
    public ClientGoneException(String message) {
        super(message);
    }
}
