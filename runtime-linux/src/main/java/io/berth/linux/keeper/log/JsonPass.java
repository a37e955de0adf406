package io.berth.linux.keeper.log;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.file.FileStatus;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.util.List;
import java.util.Optional;

/**
 * A way through a json-file log. Only whole lines are delivered; one that cannot be read (somebody else wrote it, or a power cut
 * tore it) is left out. The file may be rotated away or cut off meanwhile.
 */
final class JsonPass implements LogPass {

    private static final int WINDOW = 64 * 1024;
    /** A line that is longer is none of ours. */
    private static final int LONGEST_LINE = 8 << 20;

    private final Kernel kernel;
    private final JsonLogFiles files;
    private final LogQuery query;
    private final LogSink sink;
    private final NativeBuffer window = NativeBuffer.allocate(WINDOW);
    private Optional<JsonLogFiles.Opened> present = Optional.empty();
    /** Where in the file the buffer ends. */
    private long offset;
    private byte[] buffer = new byte[2 * WINDOW];
    private int from;
    private int to;
    private boolean over;
    private long left = Long.MAX_VALUE;
    /** Where in the present file to stop. */
    private long stop = Long.MAX_VALUE;

    JsonPass(Kernel kernel, String path, LogQuery query, LogSink sink) {
        this.kernel = kernel;
        this.files = new JsonLogFiles(kernel, path);
        this.query = query;
        this.sink = sink;
    }

    @Override
    public void start() {
        if (query.tail() >= 0) {
            startAtTail();
        } else if (query.sinceNanos() != Long.MIN_VALUE) {
            startBefore(query.sinceNanos());
        }
    }

    @Override
    public void endAfter(long lines) {
        left = lines;
    }

    @Override
    public boolean drain() {
        while (!over) {
            if (present.isEmpty()) {
                present = files.oldest();
                if (present.isEmpty()) {
                    return true;
                }
            }
            if (readOn()) {
                continue;
            }
            Optional<JsonLogFiles.Opened> next = files.after(present.get());
            if (next.isEmpty()) {
                return true;
            }
            // A later file means that this one is complete: look once more, then leave it.
            while (!over && readOn()) {
                // delivered
            }
            goTo(next.get(), 0);
        }
        return false;
    }

    @Override
    public void between(LogPlace first, LogPlace last) {
        List<JsonLogFiles.Opened> all = files.all();
        int end = indexOf(all, last.file());
        int begin = first.equals(LogPlace.BEGINNING) ? all.size() - 1 : indexOf(all, first.file());
        // A file that is gone was older than all that are there: then nothing is left of what came before it.
        for (int i = begin < 0 ? all.size() - 1 : begin; end >= 0 && i >= end; i--) {
            goTo(all.get(i), i == begin && !first.equals(LogPlace.BEGINNING) ? first.offset() : 0);
            stop = i == end ? last.offset() : Long.MAX_VALUE;
            while (!over && readOn()) {
                // delivered
            }
        }
        all.forEach(JsonLogFiles.Opened::close);
    }

    @Override
    public LogPlace end() {
        List<JsonLogFiles.Opened> all = files.all();
        LogPlace end = all.isEmpty() ? LogPlace.BEGINNING
                : new LogPlace(all.getFirst().inode(), FileStatus.of(kernel, all.getFirst().file()).size());
        all.forEach(JsonLogFiles.Opened::close);
        return end;
    }

    private static int indexOf(List<JsonLogFiles.Opened> all, long inode) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).inode() == inode) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void finish() {
        // An unfinished line is not in the file.
    }

    @Override
    public void close() {
        present.ifPresent(JsonLogFiles.Opened::close);
        present = Optional.empty();
    }

    private void goTo(JsonLogFiles.Opened file, long start) {
        close();
        present = Optional.of(file);
        offset = start;
        from = 0;
        to = 0;
    }

    /** Reads a window full and delivers the whole lines; false at the file's end. */
    private boolean readOn() {
        JsonLogFiles.Opened file = present.get();
        int wanted = (int) Math.min(WINDOW, stop - offset);
        if (wanted <= 0) {
            return false;
        }
        int length = (int) kernel.retry(SystemCall.PREAD64, file.file(), window, of(wanted), of(offset));
        if (length == 0) {
            if (FileStatus.of(kernel, file.file()).size() < offset) {
                offset = 0; // somebody has emptied it
                from = to;
                return true;
            }
            return false;
        }
        offset += length;
        keep(length);
        for (int end; !over && (end = newline(from, to)) >= 0; from = end + 1) {
            deliver(end);
        }
        return true;
    }

    private void keep(int length) {
        if (to - from > LONGEST_LINE) {
            from = to;
        }
        if (to + length > buffer.length) {
            byte[] larger = to - from + length > buffer.length ? new byte[2 * (to - from + length)] : buffer;
            System.arraycopy(buffer, from, larger, 0, to - from);
            to -= from;
            from = 0;
            buffer = larger;
        }
        window.bytes().get(0, buffer, to, length);
        to += length;
    }

    private int newline(int start, int end) {
        for (int i = start; i < end; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private void deliver(int end) {
        JsonLine.parse(buffer, from, end).ifPresent(line -> {
            over |= left-- == 0 || line.timeNanos() > query.untilNanos();
            if (!over && query.wants(line)) {
                sink.line(line);
            }
        });
    }

    private void startAtTail() {
        long wanted = query.tail();
        List<JsonLogFiles.Opened> all = files.all();
        for (int i = 0; i < all.size(); i++) {
            JsonLogFiles.Opened file = all.get(i);
            long size = FileStatus.of(kernel, file.file()).size();
            for (long end = size; end > 0; end -= Math.min(WINDOW, end)) {
                int length = (int) Math.min(WINDOW, end);
                int got = (int) kernel.retry(SystemCall.PREAD64, file.file(), window, of(length), of(end - length));
                window.bytes().get(0, buffer, 0, got);
                for (int at = got - 1; at >= 0; at--) {
                    if (buffer[at] == '\n' && wanted-- == 0) {
                        choose(all, i, end - length + at + 1);
                        return;
                    }
                }
            }
        }
        if (!all.isEmpty()) {
            choose(all, all.size() - 1, 0);
        }
    }

    /** Begins with the last file that was complete after that time: what came before was written before it. */
    private void startBefore(long timeNanos) {
        List<JsonLogFiles.Opened> all = files.all();
        int chosen = 0;
        while (chosen < all.size() - 1 && writtenAt(all.get(chosen + 1)) >= timeNanos) {
            chosen++;
        }
        if (!all.isEmpty()) {
            choose(all, chosen, 0);
        }
    }

    private long writtenAt(JsonLogFiles.Opened file) {
        FileStatus status = FileStatus.of(kernel, file.file());
        return status.modifiedSeconds() * 1_000_000_000L + status.modifiedNanos();
    }

    private void choose(List<JsonLogFiles.Opened> all, int index, long start) {
        goTo(all.get(index), start);
        for (int i = 0; i < all.size(); i++) {
            if (i != index) {
                all.get(i).close();
            }
        }
    }
}
