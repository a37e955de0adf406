package io.berth.store.registry;

import java.io.IOException;

/** A registry sends its clients where they do not go. */
final class RefusedRedirectException extends IOException {
    RefusedRedirectException(String message) {
        super(message);
    }
}
