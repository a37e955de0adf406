package io.berth.linux.kernel;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Memory outside the heap, in the machine's byte order, that system calls read and write. Freed with the object. */
public final class NativeBuffer implements Argument {

    private final ByteBuffer bytes;
    private final long address;

    private NativeBuffer(ByteBuffer bytes) {
        this.bytes = bytes;
        this.address = MemoryIO.getInstance().getDirectBufferAddress(bytes);
    }

    /** A zeroed buffer, aligned for any structure of the kernel. */
    public static NativeBuffer allocate(int size) {
        return new NativeBuffer(ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder()));
    }

    public static NativeBuffer of(byte[] content) {
        NativeBuffer buffer = allocate(content.length);
        buffer.bytes.put(0, content);
        return buffer;
    }

    /** The content; its position and limit mean nothing to the kernel. */
    public ByteBuffer bytes() {
        return bytes;
    }

    public long address() {
        return address;
    }

    /** The address of the byte at {@code offset}, for a call of the kernel. */
    public Argument from(int offset) {
        return new Within(this, offset);
    }

    public int size() {
        return bytes.capacity();
    }

    /** A copy of {@code length} bytes from {@code offset}. */
    public byte[] copy(int offset, int length) {
        byte[] copy = new byte[length];
        bytes.get(offset, copy);
        return copy;
    }

    /** The bytes from {@code offset} to the first NUL, or to the end. */
    public byte[] text(int offset) {
        int end = offset;
        while (end < bytes.capacity() && bytes.get(end) != 0) {
            end++;
        }
        return copy(offset, end - offset);
    }

    @Override
    public String toString() {
        byte[] head = copy(0, Math.min(size(), 16));
        return "buffer[" + size() + ':' + new String(head, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".") + ']';
    }
}
