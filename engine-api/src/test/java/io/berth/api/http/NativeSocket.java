package io.berth.api.http;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A socket known by the number of its file descriptor, as another process would use it. */
final class NativeSocket implements AutoCloseable {
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final MethodHandle READ = function("read", ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG);
    private static final MethodHandle WRITE = function("write", ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG);
    private static final MethodHandle POLL = function("poll", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT);
    private static final MethodHandle CLOSE = function("close", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

    private final int fd;

    NativeSocket(int fd) {
        this.fd = fd;
    }

    private static MethodHandle function(String name, ValueLayout result, ValueLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    /** -1 at the end. */
    int read(byte[] into) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(into.length);
            await(arena, POLLIN);
            long count = (long) invoke(READ, fd, buffer, (long) into.length);
            if (count < 0) {
                throw new IOException("read failed");
            }
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, 0, (int) count);
            return count == 0 ? -1 : (int) count;
        }
    }

    void write(byte[] bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            for (long at = 0; at < bytes.length; ) {
                await(arena, POLLOUT);
                long count = (long) invoke(WRITE, fd, buffer.asSlice(at), bytes.length - at);
                if (count < 0) {
                    throw new IOException("write failed");
                }
                at += count;
            }
        }
    }

    private void await(Arena arena, short events) throws IOException {
        MemorySegment poll = arena.allocate(8, 4);
        poll.set(ValueLayout.JAVA_INT, 0, fd);
        poll.set(ValueLayout.JAVA_SHORT, 4, events);
        if ((int) invoke(POLL, poll, 1L, 10_000) != 1) {
            throw new IOException("nothing happened on the socket for ten seconds");
        }
    }

    @Override
    public void close() throws IOException {
        if ((int) invoke(CLOSE, fd) != 0) {
            throw new IOException("close failed: the descriptor " + fd + " is not open");
        }
    }

    private static Object invoke(MethodHandle function, Object... arguments) {
        try {
            return function.invokeWithArguments(arguments);
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }
}
