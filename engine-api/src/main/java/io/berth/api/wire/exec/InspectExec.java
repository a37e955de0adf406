package io.berth.api.wire.exec;

import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;

/**
 * Everything known of one exec.
 *
 * @param exitCode null until it has ended
 * @param detachKeys the bytes, in base64
 * @param pid on the host; 0 before the start, and what it was after the end
 */
public record InspectExec(@WireName("ID") String id, boolean running, Integer exitCode, ProcessConfig processConfig, boolean openStdin,
                          boolean openStderr, boolean openStdout, boolean canRemove, @WireName("ContainerID") String containerId,
                          byte[] detachKeys, int pid) {

    /** The program; these names are in lower case. */
    public record ProcessConfig(@WireName("tty") boolean tty, @WireName("entrypoint") String entrypoint,
                                @WireName("arguments") List<String> arguments, @WireName("privileged") boolean privileged,
                                @WireName("user") @OmitEmpty String user) {
    }
}
