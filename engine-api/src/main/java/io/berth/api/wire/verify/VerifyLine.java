package io.berth.api.wire.verify;

import io.berth.api.wire.OmitEmpty;

/** One line of the answer: a finding, or what ends it. The others are null. */
public record VerifyLine(@OmitEmpty VerifyFinding finding, @OmitEmpty VerifySummary summary, @OmitEmpty String error) {

    public static VerifyLine of(VerifyFinding finding) {
        return new VerifyLine(finding, null, "");
    }

    public static VerifyLine of(VerifySummary summary) {
        return new VerifyLine(null, summary, "");
    }

    public static VerifyLine failed(String message) {
        return new VerifyLine(null, null, message);
    }
}
