package io.berth.store.layer;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the content of files that are packed, and finds the holes of sparse ones (lseek(2), SEEK_HOLE). */
final class ContentReader {

    private static final int BUFFER = 256 * 1024;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    /** A smaller file is not asked for holes: its map would save little or nothing. */
    private static final long WORTH_ASKING = 64 * 1024;
    /** What follows in a file with more segments is packed as one, holes and all. */
    private static final int MOST_SEGMENTS = 4096;

    private final Kernel kernel;
    private final NativeBuffer buffer = NativeBuffer.allocate(BUFFER);
    private final byte[] bytes = new byte[BUFFER];

    ContentReader(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Where a file has data, in order, up to {@code size}; empty when it has no hole. */
    List<TarEntry.Segment> segments(Fd file, long size) {
        if (size < WORTH_ASKING || seek(file, 0, SEEK_HOLE) >= size) {
            return List.of();
        }
        List<TarEntry.Segment> segments = new ArrayList<>();
        long at = 0;
        while (at < size && segments.size() < MOST_SEGMENTS) {
            long data = seek(file, at, SEEK_DATA);
            if (data < 0 || data >= size) {
                break;
            }
            long end = segments.size() == MOST_SEGMENTS - 1 ? size : Math.min(size, seek(file, data, SEEK_HOLE));
            if (end <= data) {
                return List.of(); // somebody changes it; as one piece, then
            }
            segments.add(new TarEntry.Segment(data, end - data));
            at = end;
        }
        if (at < size || segments.isEmpty()) {
            segments.add(new TarEntry.Segment(size, 0)); // GNU tar's way to say that it ends with a hole
        }
        return segments;
    }

    /** Negative when there is no more data, or the file system cannot tell. */
    private long seek(Fd file, long from, int whence) {
        long at = kernel.attempt(SystemCall.LSEEK, file, of(from), of(whence));
        return at < 0 && whence == SEEK_HOLE ? Long.MAX_VALUE : at;
    }

    /** Copies the segments, with zeros for what is not there any more. */
    void copy(Fd file, List<TarEntry.Segment> segments, TarWriter tar) throws IOException {
        for (TarEntry.Segment segment : segments) {
            long at = segment.offset();
            long end = at + segment.length();
            while (at < end) {
                int wanted = (int) Math.min(BUFFER, end - at);
                int count = (int) kernel.retry(SystemCall.PREAD64, file, buffer, of(wanted), of(at));
                if (count == 0) {
                    count = wanted;
                    Arrays.fill(bytes, 0, count, (byte) 0);
                } else {
                    buffer.bytes().get(0, bytes, 0, count);
                }
                tar.content(bytes, 0, count);
                at += count;
            }
        }
    }
}
