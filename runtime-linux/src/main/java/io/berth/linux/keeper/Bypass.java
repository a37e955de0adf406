package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.log.ChunkBuffer;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;

/**
 * The way from a process's pipe to a client's socket on which pages are moved and not copied (splice(2)). It leads through a
 * pipe of the keeper's own: what is in there nobody else can take out before its length has been told in the head of a frame,
 * as a process can that opens its own standard output for reading. Empty between two uses; on the pump's thread.
 */
final class Bypass {

    private static final int SPLICE_F_NONBLOCK = 2;


    private final Kernel kernel;
    private FileCalls.Pipe pipe;

    Bypass(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Takes a chunk out of the pipe; the result of read(2), with its errno as a negative number. */
    int take(Fd from) {
        if (pipe == null) {
            pipe = new FileCalls(kernel).pipe();
        }
        return splice(from, pipe.writeEnd(), ChunkBuffer.SIZE);
    }

    /** Moves what was taken to the socket; how much of it the socket took before it was full or failed. */
    int give(Fd socket, int length) {
        int given = 0;
        for (int moved; given < length && (moved = splice(pipe.readEnd(), socket, length - given)) > 0; ) {
            given += moved;
        }
        return given;
    }

    /** Copies what was not given to its place in the chunk. */
    void read(ChunkBuffer chunk, int from, int length) {
        FileCalls files = new FileCalls(kernel);
        for (int at = from; at < from + length; ) {
            at += files.read(pipe.readEnd(), chunk.memory(), ChunkBuffer.DATA + at, from + length - at);
        }
    }

    private int splice(Fd from, Fd to, int most) {
        return (int) kernel.attempt(SystemCall.SPLICE, from, NULL, to, NULL, of(most), of(SPLICE_F_NONBLOCK));
    }
}
