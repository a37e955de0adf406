package io.berth.api.wire.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.api.wire.OmitEmpty;

/**
 * One line of progress of load, import, pull, push and build.
 *
 * @param progressDetail null unless there is something to count
 * @param errorDetail null unless this is the last line of something that failed; then {@code error} repeats its message
 * @param aux what the operation made, for programs; null unless there is some
 */
public record Progress(@OmitEmpty @JsonProperty("stream") String stream, @OmitEmpty @JsonProperty("status") String status,
                       @OmitEmpty @JsonProperty("progressDetail") Detail progressDetail, @OmitEmpty @JsonProperty("progress") String progress,
                       @OmitEmpty @JsonProperty("id") String id, @OmitEmpty @JsonProperty("errorDetail") ErrorDetail errorDetail,
                       @OmitEmpty @JsonProperty("error") String error, @OmitEmpty @JsonProperty("aux") Object aux) {

    public record Detail(@OmitEmpty @JsonProperty("current") long current, @OmitEmpty @JsonProperty("total") long total) {
    }

    public record ErrorDetail(@OmitEmpty @JsonProperty("code") int code, @OmitEmpty @JsonProperty("message") String message) {
    }

    /** A text to be shown as it is; it brings its own line end. */
    public static Progress text(String text) {
        return new Progress(text, "", null, "", "", null, "", null);
    }

    public static Progress status(String status) {
        return new Progress("", status, null, "", "", null, "", null);
    }

    /** The state of one of several things that go on at once, such as a layer. */
    public static Progress step(String id, String status, long current, long total) {
        return new Progress("", status, new Detail(current, total), "", id, null, "", null);
    }

    public static Progress failed(String message) {
        return new Progress("", "", null, "", "", new ErrorDetail(0, message), message, null);
    }
}
