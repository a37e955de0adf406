package io.berth.daemon.container;

import io.berth.api.container.AttachRequest;
import io.berth.api.container.AttachSwitch;
import io.berth.api.container.FrameSink;
import io.berth.api.http.ApiException;
import io.berth.api.http.HijackedStream;
import io.berth.api.http.SocketHandover;
import io.berth.linux.keeper.Attachment;
import io.berth.linux.keeper.KeeperClient;
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
        if (state.isRunning() || request.logs()) {
            serve(container, request, connection, detachKeys);
            return;
        }
        // From the answer on the client may start the container, which must not speak before the client's socket is in its place.
        // (Not with the log: whoever reads it slowly would hold up the start.)
        container.lifecycle().lock();
        try {
            serve(container, request, connection, detachKeys);
        } finally {
            container.lifecycle().unlock();
        }
    }

    private void serve(Container container, AttachRequest request, AttachSwitch connection, byte[] detachKeys) throws IOException {
        boolean tty = container.spec().streams().tty();
        try (HijackedStream stream = connection.toRawStream(tty)) {
            if (request.logs()) {
                logs.replay(container, request.stdout(), request.stderr(), new FrameSink(stream.output(), !tty));
            }
            if (request.stream()) {
                events.publish(container, "attach");
                handOver(container, request, stream.handOver(), detachKeys);
            }
        }
    }

    private void handOver(Container container, AttachRequest request, SocketHandover taken, byte[] detachKeys) {
        ContainerSpec.Streams streams = container.spec().streams();
        Attachment attachment = new Attachment(new Fd(kernel, taken.fd()), tags.incrementAndGet(), request.stdin() && streams.openStdin(),
                request.stdout(), request.stderr(), !streams.tty(), streams.stdinOnce(), streams.tty() ? detachKeys : new byte[0],
                taken.received());
        PendingAttachment client = new PendingAttachment(attachment);
        if (!container.keepUntilStart(client)) {
            client.handOver(keeper, container.id());
        }
    }

    /** Keys as {@code ctrl-p,ctrl-q} or {@code a,ctrl-x}; an empty list means the default. */
    static byte[] detachKeys(Optional<String> text) {
        if (text.isEmpty() || text.get().isEmpty()) {
            return DEFAULT_DETACH_KEYS;
        }
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        for (String key : text.get().split(",", -1)) {
            int control = key.startsWith("ctrl-") && key.length() == 6 ? "@abcdefghijklmnopqrstuvwxyz[\\]^_".indexOf(key.charAt(5)) : -1;
            if (control >= 0) {
                keys.write(control);
            } else if (key.length() == 1 && key.charAt(0) < 128) {
                keys.write(key.charAt(0));
            } else {
                throw ApiException.invalid("Invalid detach keys (" + text.get() + ") provided: unknown character: '" + key + "'");
            }
        }
        return keys.toByteArray();
    }
}
