package io.berth.api.wire.image;

import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;

/**
 * One line of progress of load, import, pull, push and build.
 *
 * @param progress the detail as a picture, for clients that draw none
 * @param progressDetail null unless there is something to count
 * @param errorDetail null unless this is the last line of something that failed; then {@code error} repeats its message
 * @param aux what the operation made, for programs; null unless there is some
 */
public record Progress(@OmitEmpty @WireName("stream") String stream, @OmitEmpty @WireName("status") String status,
                       @OmitEmpty @WireName("progressDetail") Detail progressDetail, @OmitEmpty @WireName("progress") String progress,
                       @OmitEmpty @WireName("id") String id, @OmitEmpty @WireName("errorDetail") ErrorDetail errorDetail,
                       @OmitEmpty @WireName("error") String error, @OmitEmpty @WireName("aux") Object aux) {

    public record Detail(@OmitEmpty @WireName("current") long current, @OmitEmpty @WireName("total") long total) {
    }

    public record ErrorDetail(@OmitEmpty @WireName("code") int code, @OmitEmpty @WireName("message") String message) {
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
        return new Progress("", status, new Detail(current, total), ProgressBar.of(current, total), id, null, "", null);
    }

    /** The name of one thing, and what is said of it. */
    public static Progress status(String id, String status) {
        return new Progress("", status, null, "", id, null, "", null);
    }

    /** What came of it, for programs. */
    public static Progress made(Object aux) {
        return new Progress("", "", new Detail(0, 0), "", "", null, "", aux);
    }

    public static Progress failed(String message) {
        return new Progress("", "", null, "", "", new ErrorDetail(0, message), message, null);
    }
}
