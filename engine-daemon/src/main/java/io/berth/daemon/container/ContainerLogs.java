package io.berth.daemon.container;

import io.berth.api.container.FrameSink;
import io.berth.api.container.LogStream;
import io.berth.api.container.LogsRequest;
import io.berth.api.http.ApiException;
import io.berth.api.wire.StreamType;
import io.berth.daemon.spec.LogDriver;
import io.berth.linux.keeper.log.LogLine;
import io.berth.linux.keeper.log.LogPlace;
import io.berth.linux.keeper.log.LogQuery;
import io.berth.linux.keeper.log.LogReader;
import io.berth.linux.keeper.log.LogSink;
import io.berth.linux.keeper.log.LogWatch;
import io.berth.linux.keeper.log.LogWatches;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;

/** Reads the logs the keeper writes, for {@code docker logs} and for clients that attach with what was written before. */
final class ContainerLogs implements AutoCloseable {

    /** What fits into nanoseconds since 1970. */
    private static final Instant LATEST = Instant.ofEpochSecond(Long.MAX_VALUE / 1_000_000_000L - 1);
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

    /** @throws ApiException not implemented, with the driver {@code none} */
    LogStream open(Container container, LogsRequest request) {
        if (container.spec().log().driver() == LogDriver.NONE) {
            throw ApiException.notImplemented("configured logging driver does not support reading");
        }
        LogQuery query = new LogQuery(request.stdout(), request.stderr(), request.tail().isPresent() ? request.tail().getAsInt() : -1,
                request.since().map(ContainerLogs::nanos).orElse(Long.MIN_VALUE),
                request.until().map(ContainerLogs::nanos).orElse(Long.MAX_VALUE));
        return new Reading(container, query, new LineHead(request.timestamps(), request.details()), request.follow() ? Optional.of(watch(container)) : Optional.empty());
    }

    /** What was written between two moments. */
    void replay(Container container, LogPlace from, LogPlace to, boolean stdout, boolean stderr, FrameSink sink) throws IOException {
        if (container.spec().log().driver() == LogDriver.NONE) {
            return;
        }
        LogQuery query = new LogQuery(stdout, stderr, -1, Long.MIN_VALUE, Long.MAX_VALUE);
        try {
            reader(container).between(from, to, query, line -> write(line, new LineHead(false, false), sink));
        } catch (UncheckedIOException clientGone) {
            throw clientGone.getCause();
        }
    }

    /** Where the log of a container that does not run ends. */
    LogPlace end(Container container) {
        return container.spec().log().driver() == LogDriver.NONE ? LogPlace.BEGINNING : reader(container).end();
    }

    private LogReader reader(Container container) {
        String spool = filesystems.log(container.id()).toString();
        return switch (container.spec().log().driver()) {
            case JSON_FILE -> LogReader.ofJsonFile(kernel, filesystems.jsonLog(container.id()).toString(), spool);
            case LOCAL, NONE -> new LogReader(kernel, spool);
        };
    }

    private void copy(Container container, LogQuery query, LineHead head, Optional<LogWatch> watch, FrameSink sink) throws IOException {
        LogReader reader = reader(container);
        LogSink lines = line -> write(line, head, sink);
        try {
            watch.ifPresentOrElse(open -> reader.follow(query, open, lines), () -> reader.read(query, lines));
        } catch (UncheckedIOException clientGone) {
            throw clientGone.getCause();
        }
    }

    private static void write(LogLine line, LineHead head, FrameSink sink) {
        StreamType stream = line.stream() == STDERR ? StreamType.STDERR : StreamType.STDOUT;
        try {
            sink.write(stream, head.before(line));
        } catch (IOException clientGone) {
            throw new UncheckedIOException(clientGone);
        }
    }

    private static long nanos(Instant instant) {
        if (instant.isAfter(LATEST)) {
            return Long.MAX_VALUE;
        }
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }

    @Override
    public void close() {
        watches.close();
    }

    /** A watch of the log, which ends with the container's run; at once when it does not run. */
    private LogWatch watch(Container container) {
        LogWatch watch = watches.watch(filesystems.log(container.id()).toString(), filesystems.directory(container.id()).toString());
        followed.add(container.id(), watch);
        if (!container.state().isRunning()) {
            watch.end(); // after it was added: an exit in between ends it twice, which is harmless
        }
        return watch;
    }

    /** @param watch with which the log is followed; without one it is read once */
    private final class Reading implements LogStream {
        private final Container container;
        private final LogQuery query;
        private final LineHead head;
        private final Optional<LogWatch> watch;

        Reading(Container container, LogQuery query, LineHead head, Optional<LogWatch> watch) {
            this.container = container;
            this.query = query;
            this.head = head;
            this.watch = watch;
        }

        @Override
        public boolean tty() {
            return container.spec().streams().tty();
        }

        @Override
        public void copyTo(FrameSink sink) throws IOException {
            copy(container, query, head, watch, sink);
        }

        @Override
        public void close() {
            watch.ifPresent(open -> {
                followed.remove(container.id(), open);
                open.close();
            });
        }
    }
}
