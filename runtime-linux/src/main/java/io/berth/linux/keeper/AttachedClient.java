package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.log.ChunkBuffer;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;

/** A client's socket, connected with a process. On the pump's thread. */
final class AttachedClient {

    /** What of its process a client can do. */
    interface Owner {

        /** Whether input may be read now. */
        boolean takesInput();

        void input(NativeBuffer bytes, int length);

        void inputEnded(AttachedClient client);

        /** It typed its detach keys; it is closed already. */
        void detached(AttachedClient client);

        /** It has read, or is gone: output that was held back for it may go on. */
        void relieved(AttachedClient client);
    }

    static final int READ_SIZE = 16 * 1024;
    private static final int STDOUT = 1;
    private static final int MOST_DROPPED_READS = 64;

    private final Kernel kernel;
    private final Owner owner;
    private final Attachment attachment;
    private final Fd socket;
    private final Backlog backlog;
    private final DetachKeys keys;
    private final NativeBuffer typed;
    private final NativeBuffer filtered;
    private final EventLoop.Registration registration;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean closed;

    /** @param typed a buffer of {@link #READ_SIZE} that may be shared by all clients of the thread */
    AttachedClient(Kernel kernel, EventLoop loop, Backlog.Pool pool, NativeBuffer typed, Attachment attachment, Owner owner) {
        this(kernel, loop, new Backlog(pool), typed, attachment, owner);
    }

    /** @param backlog what the client gets first */
    AttachedClient(Kernel kernel, EventLoop loop, Backlog backlog, NativeBuffer typed, Attachment attachment, Owner owner) {
        this.kernel = kernel;
        this.owner = owner;
        this.attachment = attachment;
        this.socket = attachment.socket();
        this.backlog = backlog;
        this.typed = typed;
        this.keys = new DetachKeys(attachment.detachKeys());
        this.filtered = attachment.detachKeys().length == 0 ? typed : NativeBuffer.allocate(READ_SIZE + keys.mostHeldBack());
        this.inputEnded = !attachment.stdin();
        this.registration = loop.register(socket, interest(), new EventLoop.Handler() {
            @Override
            public void ready(int events) {
                AttachedClient.this.ready(events);
            }
        });
    }

    Attachment attachment() {
        return attachment;
    }

    boolean isClosed() {
        return closed;
    }

    int unsent() {
        return backlog.size();
    }

    /** Takes the input that the daemon had read already. */
    void begin() {
        byte[] bytes = attachment.typed();
        for (int at = 0; at < bytes.length && !inputEnded; at += READ_SIZE) {
            int count = Math.min(READ_SIZE, bytes.length - at);
            typed.bytes().put(0, bytes, at, count);
            typed(count);
        }
    }

    /** Sends a chunk of output, now or later. */
    void output(ChunkBuffer chunk, int stream, int length) {
        if (closed || outputEnded || !wants(stream)) {
            return;
        }
        int start = attachment.framed() ? chunk.frame(stream, length) : ChunkBuffer.DATA;
        int total = ChunkBuffer.DATA + length - start;
        int written = 0;
        if (backlog.isEmpty()) {
            long result = kernel.attempt(SystemCall.WRITE, socket, chunk.memory().from(start), of(total));
            if (result < 0 && result != -Errno.EAGAIN.number() && result != -Errno.EINTR.number()) {
                vanish();
                return;
            }
            written = (int) Math.max(0, result);
        }
        if (written < total) {
            backlog.add(chunk.memory(), start + written, total - written);
            registration.interest(interest());
        }
    }

    /** Whether output can reach it past the buffer: everything before is sent. */
    boolean takesPipe(int stream) {
        return !closed && !outputEnded && backlog.isEmpty() && wants(stream);
    }

    /** Sends a chunk of what is in the pipe without copying it; like read(2), how much that was. For one that {@link #takesPipe}. */
    int pass(Fd pipe, Bypass bypass, ChunkBuffer chunk, int stream) {
        int length = bypass.take(pipe);
        if (length <= 0) {
            return length;
        }
        int head = attachment.framed() ? ChunkBuffer.DATA - chunk.frame(stream, length) : 0;
        int sent = head == 0 ? 0 : (int) Math.max(0, kernel.attempt(SystemCall.WRITE, socket, chunk.memory().from(ChunkBuffer.DATA - head), of(head)));
        int moved = sent < head ? 0 : bypass.give(socket, length);
        if (moved < length) {
            // The socket is full, or broken, which it says when the rest is written.
            bypass.read(chunk, moved, length - moved);
            int start = ChunkBuffer.DATA - head + sent + moved;
            backlog.add(chunk.memory(), start, ChunkBuffer.DATA + length - start);
            registration.interest(interest());
        }
        return length;
    }

    private boolean wants(int stream) {
        return stream == STDOUT ? attachment.stdout() : attachment.stderr();
    }

    /** No more output will come: closes when the client has got everything. */
    void finish() {
        outputEnded = true;
        inputEnded = true;
        if (!closed) {
            closeWhenSent();
        }
    }

    /** Reads input again, when the process takes it. */
    void update() {
        if (!closed) {
            registration.interest(interest());
        }
    }

    /** Closes without waiting for anything. */
    void close() {
        if (!closed) {
            closed = true;
            registration.close();
            backlog.clear();
            socket.close();
        }
    }

    /** Without IN the kernel still reports a hangup, again and again unless it is told once (EDGE). */
    private int interest() {
        int output = backlog.isEmpty() ? 0 : EventLoop.OUT;
        return !inputEnded && owner.takesInput() ? EventLoop.IN | output : EventLoop.EDGE | output;
    }

    private void ready(int events) {
        if ((events & EventLoop.OUT) != 0 && !backlog.isEmpty()) {
            flush();
        }
        if (closed) {
            return;
        }
        boolean gone = (events & (EventLoop.HANGUP | EventLoop.ERROR)) != 0;
        boolean reading = !inputEnded && owner.takesInput();
        if (reading && (events & EventLoop.IN) != 0) {
            read();
        } else if (gone && (reading || inputEnded)) {
            vanish();
        }
    }

    private void read() {
        int length = (int) kernel.attempt(SystemCall.READ, socket, typed, of(READ_SIZE));
        if (length > 0) {
            typed(length);
        } else if (length == 0) {
            endInput();
        } else if (length != -Errno.EAGAIN.number() && length != -Errno.EINTR.number()) {
            vanish();
        }
    }

    private void typed(int length) {
        int count = attachment.detachKeys().length == 0 ? length : keys.filter(typed, length, filtered);
        owner.input(filtered, count);
        if (keys.detached()) {
            inputEnded = true;
            backlog.flush(kernel, socket);
            shutAndClose();
            owner.detached(this);
        }
    }

    private void endInput() {
        inputEnded = true;
        owner.input(filtered, keys.rest(filtered));
        owner.inputEnded(this);
        update();
    }

    private void flush() {
        if (backlog.flush(kernel, socket) != 0) {
            vanish();
            return;
        }
        registration.interest(interest());
        if (outputEnded) {
            closeWhenSent();
        } else {
            owner.relieved(this);
        }
    }

    private void closeWhenSent() {
        if (backlog.isEmpty()) {
            shutAndClose();
            owner.relieved(this);
        } else {
            registration.interest(interest());
        }
    }

    /** What the client sent and nobody read would make the kernel reset the connection and lose output that is on its way. */
    private void shutAndClose() {
        kernel.attempt(SystemCall.SHUTDOWN, socket, of(SocketCalls.SHUT_WR));
        for (int i = 0; i < MOST_DROPPED_READS && kernel.attempt(SystemCall.READ, socket, typed, of(READ_SIZE)) > 0; i++) {
            // dropped
        }
        close();
    }

    private void vanish() {
        boolean hadInput = !inputEnded;
        inputEnded = true;
        close();
        if (hadInput) {
            owner.inputEnded(this);
        }
        owner.relieved(this);
    }
}
