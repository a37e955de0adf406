package io.berth.daemon.container;

import io.berth.api.container.FrameSink;
import io.berth.api.container.LogStream;
import io.berth.api.container.LogsRequest;
import io.berth.api.wire.StreamType;
import io.berth.linux.keeper.log.LogLine;
import io.berth.linux.keeper.log.LogQuery;
import io.berth.linux.keeper.log.LogReader;
import io.berth.linux.keeper.log.LogWatch;
import io.berth.linux.keeper.log.LogWatches;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Reads the logs the keeper writes, for {@code docker logs} and for clients that attach with what was written before. */
final class ContainerLogs implements AutoCloseable {

    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z' ")
            .withZone(ZoneOffset.UTC);
    private static final int STDERR = 2;

    private final Kernel kernel;
    private final RootFilesystem filesystems;
    private final FollowedLogs followed;
    private final LogWatches watches;

    ContainerLogs(Kernel kernel, RootFilesystem filesystems, FollowedLogs followed) {
        this.kernel = kernel;
        this.filesystems = filesystems;
        this.followed = followed;
        this.watches = new LogWatches(kernel);
    }

    LogStream open(Container container, LogsRequest request) {
        LogQuery query = new LogQuery(request.stdout(), request.stderr(), request.tail().isPresent() ? request.tail().getAsInt() : -1,
                request.since().map(ContainerLogs::nanos).orElse(Long.MIN_VALUE),
                request.until().map(ContainerLogs::nanos).orElse(Long.MAX_VALUE));
        boolean tty = container.spec().streams().tty();
        return request.follow() ? new Followed(container, query, request.timestamps(), tty) : new Once(container, query, request.timestamps(), tty);
    }

    /** Everything so far. */
    void replay(Container container, boolean stdout, boolean stderr, FrameSink sink) throws IOException {
        copy(container, new LogQuery(stdout, stderr, -1, Long.MIN_VALUE, Long.MAX_VALUE), false, sink);
    }

    private void copy(Container container, LogQuery query, boolean timestamps, FrameSink sink) throws IOException {
        try {
            reader(container).read(query, line -> write(line, timestamps, sink));
        } catch (UncheckedIOException clientGone) {
            throw clientGone.getCause();
        }
    }

    private LogReader reader(Container container) {
        return new LogReader(kernel, filesystems.log(container.id()).toString());
    }

    private static void write(LogLine line, boolean timestamps, FrameSink sink) {
        StreamType stream = line.stream() == STDERR ? StreamType.STDERR : StreamType.STDOUT;
        try {
            if (!timestamps) {
                sink.write(stream, line.bytes());
                return;
            }
            byte[] time = TIMESTAMP.format(Instant.ofEpochSecond(0, line.timeNanos())).getBytes(StandardCharsets.US_ASCII);
            byte[] stamped = java.util.Arrays.copyOf(time, time.length + line.bytes().length);
            System.arraycopy(line.bytes(), 0, stamped, time.length, line.bytes().length);
            sink.write(stream, stamped);
        } catch (IOException clientGone) {
            throw new UncheckedIOException(clientGone);
        }
    }

    private static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }

    @Override
    public void close() {
        watches.close();
    }

    private final class Once implements LogStream {
        private final Container container;
        private final LogQuery query;
        private final boolean timestamps;
        private final boolean tty;

        Once(Container container, LogQuery query, boolean timestamps, boolean tty) {
            this.container = container;
            this.query = query;
            this.timestamps = timestamps;
            this.tty = tty;
        }

        @Override
        public boolean tty() {
            return tty;
        }

        @Override
        public void copyTo(FrameSink sink) throws IOException {
            copy(container, query, timestamps, sink);
        }

        @Override
        public void close() {
            // nothing is held between reads
        }
    }

    private final class Followed implements LogStream {
        private final Container container;
        private final LogQuery query;
        private final boolean timestamps;
        private final boolean tty;
        private final LogWatch watch;

        Followed(Container container, LogQuery query, boolean timestamps, boolean tty) {
            this.container = container;
            this.query = query;
            this.timestamps = timestamps;
            this.tty = tty;
            this.watch = watches.watch(filesystems.log(container.id()).toString());
            followed.add(container.id(), watch);
            if (!container.state().isRunning()) {
                watch.end(); // after it was added: an exit in between ends it twice, which is harmless
            }
        }

        @Override
        public boolean tty() {
            return tty;
        }

        @Override
        public void copyTo(FrameSink sink) throws IOException {
            try {
                reader(container).follow(query, watch, line -> write(line, timestamps, sink));
            } catch (UncheckedIOException clientGone) {
                throw clientGone.getCause();
            }
        }

        @Override
        public void close() {
            followed.remove(container.id(), watch);
            watch.close();
        }
    }
}
