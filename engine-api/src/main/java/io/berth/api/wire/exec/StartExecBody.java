package io.berth.api.wire.exec;

import java.util.List;

/** How an exec is started. */
public final class StartExecBody {
    public boolean detach;
    /** Whether the client expects the bare bytes of a terminal; else it gets frames. */
    public boolean tty;
    /** Rows and columns, in place of those given at the creation. */
    public List<Integer> consoleSize = List.of();
}
