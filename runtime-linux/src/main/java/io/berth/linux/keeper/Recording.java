package io.berth.linux.keeper;

import io.berth.linux.keeper.log.ChunkBuffer;

/**
 * Output that is kept for a client whose socket is still to come: the daemon shows it the log first. What is recorded begins
 * exactly where that log ends. On the pump's thread.
 */
final class Recording {

    private static final int STDOUT = 1;

    private final Stdio stdio;
    private final long tag;
    private final Object owner;
    private final boolean stdout;
    private final boolean stderr;
    private final boolean framed;
    private final Backlog backlog;

    /** @param owner whose connection's end ends the recording */
    Recording(Stdio stdio, Backlog.Pool pool, Object owner, long tag, boolean stdout, boolean stderr, boolean framed) {
        this.stdio = stdio;
        this.owner = owner;
        this.tag = tag;
        this.stdout = stdout;
        this.stderr = stderr;
        this.framed = framed;
        this.backlog = new Backlog(pool);
    }

    Stdio stdio() {
        return stdio;
    }

    boolean isOf(Object someOwner, long someTag) {
        return owner == someOwner && tag == someTag;
    }

    boolean isOf(Object someOwner) {
        return owner == someOwner;
    }

    void output(ChunkBuffer chunk, int stream, int length) {
        if (stream == STDOUT ? stdout : stderr) {
            int start = framed ? chunk.frame(stream, length) : ChunkBuffer.DATA;
            backlog.add(chunk.memory(), start, ChunkBuffer.DATA + length - start);
        }
    }

    int size() {
        return backlog.size();
    }

    /** What is recorded, now the caller's. */
    Backlog backlog() {
        return backlog;
    }
}
