package io.berth.api.verify;

import io.berth.api.wire.verify.VerifyFinding;
import io.berth.api.wire.verify.VerifySummary;
import java.io.IOException;

/** Looking for damage in what the engine keeps. */
public interface VerifyOperations {

    /** Takes as long as reading all images. An interrupt ends it soon. */
    VerifySummary verify(VerifyStore request, FindingSink findings) throws IOException, InterruptedException;

    /** Where findings go as they are made. */
    interface FindingSink {
        void write(VerifyFinding finding) throws IOException;
    }
}
