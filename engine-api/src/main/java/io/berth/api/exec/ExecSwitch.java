package io.berth.api.exec;

import io.berth.api.http.HijackedStream;
import java.io.IOException;

/** The point of no return of an attached start. */
@FunctionalInterface
public interface ExecSwitch {
    /** Answers the client that the connection is now a raw stream, and takes it. To be called once. */
    HijackedStream toRawStream() throws IOException;
}
