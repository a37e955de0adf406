package io.berth.linux.keeper.log;

import io.berth.linux.kernel.NativeBuffer;

/**
 * The memory a chunk of output is read into. It has room before and after the data, so that one write puts a record with
 * head and tail into the log and one write a frame on a client's socket.
 */
public final class ChunkBuffer {

    /** How much one read may bring. */
    public static final int SIZE = LogFormat.LARGEST_CHUNK;
    /** Where the data begins. */
    public static final int DATA = LogFormat.RECORD_HEAD;
    private static final int FRAME_HEAD = 8;
    private static final long NEWLINES = 0x0a0a_0a0a_0a0a_0a0aL;
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private final NativeBuffer memory = NativeBuffer.allocate(LogFormat.LARGEST_RECORD);

    public NativeBuffer memory() {
        return memory;
    }

    /** Puts the eight-byte head of a frame before the data, over the log record's head; where the frame begins. */
    public int frame(int stream, int length) {
        int start = DATA - FRAME_HEAD;
        memory.bytes().putInt(start, stream);
        memory.bytes().putInt(start + 4, Integer.reverseBytes(length));
        return start;
    }

    /** How many bytes follow the last newline among {@code length} bytes; -1 when there is no newline. */
    int afterLastNewline(int length) {
        int end = DATA + length;
        int at = end;
        while (at - 8 >= DATA && !hasNewline(memory.bytes().getLong(at - 8))) {
            at -= 8;
        }
        while (at > DATA) {
            if (memory.bytes().get(--at) == '\n') {
                return end - at - 1;
            }
        }
        return -1;
    }

    /** The classic test for a zero byte in a word, after newlines were made zero. */
    private static boolean hasNewline(long word) {
        long zeroed = word ^ NEWLINES;
        return (zeroed - LOW_BITS & ~zeroed & HIGH_BITS) != 0;
    }
}
