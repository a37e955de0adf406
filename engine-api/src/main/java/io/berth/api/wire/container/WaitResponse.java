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

    /** The container has ended, but what was waited for does not come. */
    public static WaitResponse failed(int statusCode, String reason) {
        return new WaitResponse(new Failure(reason), statusCode);
    }

    public static WaitResponse exited(int statusCode) {
        return new WaitResponse(null, statusCode);
    }
}
