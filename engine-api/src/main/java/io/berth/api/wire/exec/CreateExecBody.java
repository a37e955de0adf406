package io.berth.api.wire.exec;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.List;

/** What a client asks for in a further process of a container. */
public final class CreateExecBody {
    /** As the container's when empty. */
    public String user = "";
    public boolean privileged;
    public boolean tty;
    /** Rows and columns of the terminal at the start; empty leaves them to the kernel. */
    public List<Integer> consoleSize = List.of();
    public boolean attachStdin;
    public boolean attachStderr;
    public boolean attachStdout;
    public String detachKeys = "";
    public List<String> env = List.of();
    /** As the container's when empty. */
    public String workingDir = "";
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) public List<String> cmd = List.of();
}
