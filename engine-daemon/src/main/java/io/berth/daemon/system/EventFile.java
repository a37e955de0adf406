package io.berth.daemon.system;

import io.berth.api.wire.Json;
import io.berth.api.wire.system.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last events in a file, so that a daemon knows those of the one before (docs/formats/events.md). Each is handed to the
 * kernel when it happens: it survives the death of the daemon, not a power cut. A file that cannot be written costs the
 * memory of the next daemon, nothing else. For one thread at a time.
 */
public final class EventFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventFile.class);
    /** When so many times the kept events are in the file, it is written anew. */
    private static final int SPARE = 4;

    private final Path path;
    private Optional<FileChannel> file = Optional.empty();
    private int lines;

    public EventFile(Path path) {
        this.path = path;
    }

    /** What is in the file, the oldest first; lines that are no events, as one that a crash tore, are left out. */
    List<Event> read() {
        List<Event> events = new ArrayList<>();
        if (!Files.exists(path)) {
            return events;
        }
        try {
            for (String line : new String(Files.readAllBytes(path), StandardCharsets.UTF_8).split("\n")) {
                parse(line).ifPresent(events::add);
            }
        } catch (IOException unreadable) {
            LOG.warn("cannot read the events of the daemon before in {}", path, unreadable);
        }
        return events;
    }

    private static Optional<Event> parse(String line) {
        try {
            Event event = Json.mapper().readValue(line, Event.class);
            Instant at = Instant.ofEpochSecond(event.time(), Math.floorMod(event.timeNano(), 1_000_000_000L));
            return Optional.of(Event.of(event.type(), event.action(), event.actor().id(), event.actor().attributes(), at));
        } catch (IOException | RuntimeException torn) {
            return Optional.empty();
        }
    }

    /** Adds the latest event. {@code kept} are all that need to be there, with it. */
    void append(Event event, Collection<Event> kept) {
        try {
            if (file.isEmpty() || lines >= SPARE * EventLog.KEPT) {
                rewrite(kept);
            } else {
                write(file.get(), line(event));
                lines++;
            }
        } catch (IOException | UncheckedIOException failure) {
            LOG.debug("an event is not written to {}", path, failure);
            close();
        }
    }

    private void rewrite(Collection<Event> kept) throws IOException {
        close();
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        file = Optional.of(channel);
        StringBuilder all = new StringBuilder();
        kept.forEach(event -> all.append(new String(line(event), StandardCharsets.UTF_8)));
        write(channel, all.toString().getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        lines = kept.size();
    }

    private static byte[] line(Event event) {
        byte[] json = Json.bytes(event);
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    private static void write(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    @Override
    public void close() {
        file.ifPresent(channel -> {
            try {
                channel.close();
            } catch (IOException failure) {
                LOG.debug("closing {}", path, failure);
            }
        });
        file = Optional.empty();
    }
}
