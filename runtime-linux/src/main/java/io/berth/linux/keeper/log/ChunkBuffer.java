package io.berth.linux.keeper.log;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
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

    /** The C library's memrchr(3): thirty times as fast as a loop that only C1 compiles, as the keeper's JVM does. */
    private static final Library C_LIBRARY = Library.getDefault();
    private static final long MEMRCHR = C_LIBRARY.getSymbolAddress("memrchr");
    private static final Invoker INVOKER = Invoker.getInstance();
    private static final CallContext MEMRCHR_CALL = CallContext.getCallContext(Type.SINT64,
            new Type[] {Type.SINT64, Type.SINT64, Type.SINT64}, CallingConvention.DEFAULT, false);

    /** What a {@link JsonLogFile} works in. All logs of a thread share it, and it is only there once there is such a log. */
    static final class Lines {
        /** An unfinished line and a chunk. */
        final byte[] input = new byte[LogLine.LONGEST + SIZE];
        final JsonEncoder encoder = new JsonEncoder();
        final NativeBuffer memory = NativeBuffer.allocate(SIZE);
        /** How much of what is encoded is in the file already. */
        int written;
    }

    private final NativeBuffer memory = NativeBuffer.allocate(LogFormat.LARGEST_RECORD);
    private Lines lines;

    public NativeBuffer memory() {
        return memory;
    }

    Lines lines() {
        if (lines == null) {
            lines = new Lines();
        }
        return lines;
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
        long data = memory.address() + DATA;
        long newline = INVOKER.invokeL3NoErrno(MEMRCHR_CALL, MEMRCHR, data, '\n', length);
        return newline == 0 ? -1 : (int) (data + length - newline - 1);
    }
}
