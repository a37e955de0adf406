package io.berth.daemon.container;

import io.berth.api.container.AttachRequest;
import io.berth.api.container.AttachSwitch;
import io.berth.api.container.FrameSink;
import io.berth.api.http.ApiException;
import io.berth.api.http.HijackedStream;
import io.berth.api.http.SocketHandover;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.linux.keeper.Attachment;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.keeper.log.LogPlace;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Connects clients with the streams of containers. The client's socket itself goes to the keeper: no byte passes through the
 * daemon, and the session outlives it.
 */
final class ContainerAttach {

    /** ctrl-p ctrl-q. */
    private static final byte[] DEFAULT_DETACH_KEYS = {16, 17};
    private static final int DELETE = 127;

    private final Kernel kernel;
    private final KeeperClient keeper;
    private final ContainerLogs logs;
    private final ContainerEvents events;
    private final AtomicLong tags = new AtomicLong();

    ContainerAttach(Kernel kernel, KeeperClient keeper, ContainerLogs logs, ContainerEvents events) {
        this.kernel = kernel;
        this.keeper = keeper;
        this.logs = logs;
        this.events = events;
    }

    void attach(Container container, AttachRequest request, AttachSwitch connection) throws IOException {
        byte[] detachKeys = detachKeys(request.detachKeys());
        ContainerState state = container.state();
        if (state instanceof ContainerState.Removing || state instanceof ContainerState.Dead) {
            throw ApiException.conflict("container " + container.id() + " is being removed: it cannot be attached to");
        }
        if (state instanceof ContainerState.Paused) {
            throw ApiException.conflict("container " + request.container() + " is paused, unpause the container before attach");
        }
        if (state instanceof ContainerState.Restarting) {
            throw ApiException.conflict("container " + request.container() + " is restarting, wait until the container is running");
        }
        boolean tty = container.spec().streams().tty();
        boolean nothingAsked = !request.stdin() && !request.stdout() && !request.stderr();
        if (nothingAsked) {
            connection.toRawStream(tty).close(); // no end of the container's would ever end it
            return;
        }
        if (request.logs()) {
            try (HijackedStream stream = connection.toRawStream(tty)) {
                new Session(container, request, stream, detachKeys).showLogAndGoOn();
            }
            return;
        }
        if (state.isRunning()) {
            try (HijackedStream stream = connection.toRawStream(tty)) {
                new Session(container, request, stream, detachKeys).goOn();
            }
            return;
        }
        // From the answer on the client may start the container, which must not speak before the client's socket is in its place.
        container.lifecycle().lock();
        try (HijackedStream stream = connection.toRawStream(tty)) {
            new Session(container, request, stream, detachKeys).goOn();
        } finally {
            container.lifecycle().unlock();
        }
    }

    /** One client, from the switch of its connection to the handing over. */
    private final class Session {

        private final Container container;
        private final AttachRequest request;
        private final HijackedStream stream;
        private final byte[] detachKeys;
        private final long tag = tags.incrementAndGet();

        Session(Container container, AttachRequest request, HijackedStream stream, byte[] detachKeys) {
            this.container = container;
            this.request = request;
            this.stream = stream;
            this.detachKeys = detachKeys;
        }

        /** The stream alone, beginning now. */
        void goOn() throws IOException {
            if (request.stream()) {
                events.publish(container, "attach");
                PendingAttachment client = handOver();
                if (!container.keepUntilStart(client)) {
                    client.handOver(keeper, container.id());
                }
            }
        }

        /**
         * The log and then the stream, each byte once. While the container runs, the keeper says where its log ends and keeps what
         * comes after; while it does not, its start waits for nobody: whoever reads the log slowly is shown a run that was
         * begun meanwhile as log, too.
         */
        void showLogAndGoOn() throws IOException {
            LogPlace shown = LogPlace.BEGINNING;
            while (true) {
                ContainerState state = container.state();
                if (state.isRunning() && request.stream() && showAndAttach(shown)) {
                    return;
                }
                LogPlace end = logs.end(container);
                show(shown, end);
                shown = end;
                if (!request.stream() || state.isRunning() || state instanceof ContainerState.Removing || state instanceof ContainerState.Dead) {
                    goOn();
                    return;
                }
                container.lifecycle().lock();
                try {
                    if (container.state() == state) {
                        goOn();
                        return;
                    }
                } finally {
                    container.lifecycle().unlock();
                }
            }
        }

        /** False when the keeper is from before it could do this. */
        private boolean showAndAttach(LogPlace from) throws IOException {
            LogPlace to;
            try {
                to = keeper.record(container.id().hex(), tag, request.stdout(), request.stderr(), framed());
            } catch (KeeperException refused) {
                if (refused.kind() == KeeperException.Kind.NOT_FOUND) {
                    container.stopped().join(); // it has just ended; then its log is complete
                    show(from, logs.end(container));
                    return true;
                }
                if (refused.kind() == KeeperException.Kind.INVALID) {
                    return false;
                }
                throw refused;
            }
            boolean handedOver = false;
            try {
                show(from, to);
                events.publish(container, "attach");
                try (PendingAttachment client = handOver()) {
                    keeper.attachRecorded(container.id().hex(), client.attachment());
                    handedOver = true;
                }
            } finally {
                if (!handedOver) {
                    keeper.forget(tag);
                }
            }
            return true;
        }

        private void show(LogPlace from, LogPlace to) throws IOException {
            logs.replay(container, from, to, request.stdout(), request.stderr(), new FrameSink(stream.output(), framed()));
        }

        private boolean framed() {
            return !container.spec().streams().tty() && !stream.isWebSocket();
        }

        private PendingAttachment handOver() throws IOException {
            ContainerSpec.Streams streams = container.spec().streams();
            SocketHandover taken = stream.isWebSocket() ? StreamRelay.begin(kernel, stream) : stream.handOver();
            return new PendingAttachment(new Attachment(new Fd(kernel, taken.fd()), tag, request.stdin() && streams.openStdin(),
                    request.stdout(), request.stderr(), framed(), streams.stdinOnce(), streams.tty() ? detachKeys : new byte[0],
                    taken.received()));
        }
    }

    /** Keys as {@code ctrl-p,ctrl-q}, {@code a,ctrl-x} or {@code DEL}; an empty list means the default. */
    static byte[] detachKeys(Optional<String> text) {
        if (text.isEmpty() || text.get().isEmpty()) {
            return DEFAULT_DETACH_KEYS;
        }
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        for (String key : text.get().split(",", -1)) {
            int control = key.startsWith("ctrl-") && key.length() == 6 ? "@abcdefghijklmnopqrstuvwxyz[\\]^_".indexOf(key.charAt(5)) : -1;
            if (control >= 0) {
                keys.write(control);
            } else if (key.equals("DEL")) {
                keys.write(DELETE);
            } else if (key.length() == 1 && key.charAt(0) < 128) {
                keys.write(key.charAt(0));
            } else {
                throw ApiException.invalid("Invalid detach keys (" + text.get() + ") provided: unknown character: '" + key + "'");
            }
        }
        return keys.toByteArray();
    }
}
