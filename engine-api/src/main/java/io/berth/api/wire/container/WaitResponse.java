package io.berth.api.wire.container;

import io.berth.api.wire.OmitEmpty;

/**
 * The answer of wait.
 *
 * @param error null unless the wait itself failed
 */
public record WaitResponse(@OmitEmpty Failure error, int statusCode) {
    public record Failure(@OmitEmpty String message) {
    }

    public static WaitResponse exited(int statusCode) {
        return new WaitResponse(null, statusCode);
    }
}
