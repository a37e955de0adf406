package io.berth.store.layer;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.io.IOException;

/** Writes the content of unpacked files, leaving the holes of sparse ones. */
final class ContentWriter {

    private static final int BUFFER = 256 * 1024;
    private static final int SEEK_SET = 0;

    private final Kernel kernel;
    private final FileCalls files;
    private final byte[] bytes = new byte[BUFFER];
    private final NativeBuffer buffer = NativeBuffer.allocate(BUFFER);

    ContentWriter(Kernel kernel) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
    }

    /** @param file new and empty */
    void write(Fd file, TarEntry entry, TarReader content) throws IOException {
        if (entry.segments().isEmpty()) {
            copy(file, content, entry.size());
            return;
        }
        for (TarEntry.Segment segment : entry.segments()) {
            kernel.call(SystemCall.LSEEK, file, of(segment.offset()), of(SEEK_SET));
            copy(file, content, segment.length());
        }
        kernel.call(SystemCall.FTRUNCATE, file, of(entry.size()));
    }

    private void copy(Fd file, TarReader content, long length) throws IOException {
        long left = length;
        while (left > 0) {
            int filled = 0;
            int wanted = (int) Math.min(BUFFER, left);
            while (filled < wanted) {
                filled += content.read(bytes, filled, wanted - filled);
            }
            buffer.bytes().put(0, bytes, 0, filled);
            for (int written = 0; written < filled;) {
                written += files.write(file, buffer, written, filled - written);
            }
            left -= filled;
        }
    }
}
