package io.berth.linux.keeper;

import io.berth.linux.keeper.log.ChunkBuffer;
import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.keeper.log.LogPlace;
import io.berth.linux.keeper.log.LogWriter;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.NativeBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The streams of one process: its output goes into the log and to the clients, the clients' input to it. A client that does
 * not read holds back the process, like any reader of a pipe, once {@link StdioPump#limit()} bytes wait for it. Everything
 * but the constructor happens on the pump's thread.
 */
final class Stdio implements AttachedClient.Owner, OutputEnd.Receiver {

    /** asm-generic/ioctls.h. */
    private static final int TIOCSWINSZ = 0x5414;

    private final StdioPump pump;
    private final String key;
    private final long generation;
    private final Optional<LogWriter> log;
    private final List<OutputEnd> outputs = new ArrayList<>();
    private final List<AttachedClient> clients = new ArrayList<>();
    private final List<Recording> recordings = new ArrayList<>();
    private Optional<InputEnd> input = Optional.empty();
    private boolean terminal;
    private boolean held;
    private boolean ended;

    Stdio(StdioPump pump, String key, long generation, LogOptions log) {
        this.pump = pump;
        this.key = key;
        this.generation = generation;
        this.log = log.enabled() ? Optional.of(LogWriter.of(pump.kernel(), log, new LogWriter.LossListener() {
            @Override
            public void lost(long chunks, long bytes, String why) {
                pump.logLost(Stdio.this, chunks, bytes, why);
            }
        })) : Optional.empty();
    }

    String key() {
        return key;
    }

    long generation() {
        return generation;
    }

    /** Takes over the ends that the launch brought. */
    void open(List<LaunchRequest.Descriptor> ends) {
        for (LaunchRequest.Descriptor end : ends) {
            switch (end.role()) {
                case STDIN -> openInput(end.fd(), false);
                case STDOUT -> openOutput(end.fd(), 1, false);
                case STDERR -> openOutput(end.fd(), 2, false);
                case MASTER -> {
                    terminal = true;
                    // Waiting to write and waiting to read need a descriptor each in an epoll.
                    openInput(new FileCalls(pump.kernel()).duplicate(end.fd()), true);
                    openOutput(end.fd(), 1, true);
                }
                case TABLE, CHILD, STARTED -> throw new IllegalArgumentException("no stream: " + end.role());
            }
        }
    }

    void attach(Attachment attachment) {
        if (ended) {
            attachment.socket().close();
            return;
        }
        new FileCalls(pump.kernel()).setNonBlocking(attachment.socket());
        AttachedClient client = new AttachedClient(pump.kernel(), pump.loop(), pump.pool(), pump.typed(), attachment, this);
        clients.add(client);
        client.begin();
    }

    /** Attaches a client with what has been recorded for it. */
    void attach(Attachment attachment, Recording recording) {
        recordings.remove(recording);
        new FileCalls(pump.kernel()).setNonBlocking(attachment.socket());
        AttachedClient client = new AttachedClient(pump.kernel(), pump.loop(), recording.backlog(), pump.typed(), attachment, this);
        if (ended) {
            client.finish();
            return;
        }
        clients.add(client);
        client.begin();
        relieved(client);
    }

    /** Records from now on; where the log ends. */
    LogPlace record(Recording recording) {
        LogPlace place = LogPlace.BEGINNING;
        if (log.isPresent()) {
            place = log.get().place(pump.chunk());
            for (int stream = 1; stream <= 2; stream++) {
                byte[] unfinished = log.get().unfinished(stream);
                if (unfinished.length > 0) {
                    pump.chunk().memory().bytes().put(ChunkBuffer.DATA, unfinished);
                    recording.output(pump.chunk(), stream, unfinished.length);
                }
            }
        }
        if (!ended) {
            recordings.add(recording);
        }
        return place;
    }

    void forget(Recording recording) {
        recordings.remove(recording);
        release();
    }

    void closeInput() {
        if (input.isPresent()) {
            input.get().finish();
        }
    }

    /** Sets the size of the terminal; no effect without one, or when the process has ended. */
    void resize(int rows, int columns) {
        if (terminal && !ended && input.isPresent()) {
            NativeBuffer size = NativeBuffer.allocate(8);
            size.bytes().putShort(0, (short) rows).putShort(2, (short) columns);
            input.get().control(TIOCSWINSZ, size);
        }
    }

    void logOptions(LogOptions options) {
        if (log.isPresent()) {
            log.get().options(options);
        }
    }

    void rotate() {
        if (log.isPresent()) {
            log.get().rotate();
        }
    }

    /** The process has ended: brings what is left into the log and on its way to the clients. */
    void drain() {
        for (OutputEnd output : outputs) {
            output.drain();
        }
        endStreams();
    }

    /** The end has been announced: lets the clients go as they read. */
    void dismiss() {
        for (AttachedClient client : List.copyOf(clients)) {
            client.finish();
        }
        clients.clear();
    }

    /** There never was a process: gives the clients up without a word, which is the daemon's to say. */
    void abandon() {
        for (OutputEnd output : outputs) {
            output.close();
        }
        for (AttachedClient client : List.copyOf(clients)) {
            client.close();
        }
        clients.clear();
        endStreams();
    }

    private void endStreams() {
        if (input.isPresent()) {
            input.get().close();
        }
        if (log.isPresent()) {
            log.get().endOfOutput(pump.chunk(), now());
            log.get().close();
        }
        ended = true;
        recordings.clear();
    }

    @Override
    public void output(int stream, int length) {
        ChunkBuffer chunk = pump.chunk();
        pump.counted(length);
        if (log.isPresent()) {
            log.get().append(chunk, stream, length, now());
        }
        if (clients.isEmpty() && recordings.isEmpty()) {
            return;
        }
        for (int i = recordings.size() - 1; i >= 0; i--) {
            recordings.get(i).output(chunk, stream, length);
        }
        for (int i = clients.size() - 1; i >= 0; i--) {
            clients.get(i).output(chunk, stream, length);
        }
        if (anyoneLeaves(pump.limit())) {
            hold(true);
        }
    }

    @Override
    public boolean takesPipe(int stream) {
        return log.isEmpty() && recordings.isEmpty() && clients.size() == 1 && clients.getFirst().takesPipe(stream);
    }

    @Override
    public int pass(Fd pipe, int stream) {
        int length = clients.getFirst().pass(pipe, pump.bypass(), pump.chunk(), stream);
        pump.counted(length);
        if (anyoneLeaves(pump.limit())) {
            hold(true);
        }
        return length;
    }

    @Override
    public boolean takesInput() {
        return input.isEmpty() || !input.get().isFull();
    }

    @Override
    public void input(NativeBuffer bytes, int length) {
        if (input.isPresent()) {
            input.get().write(bytes, length);
        }
    }

    @Override
    public void inputEnded(AttachedClient client) {
        if (client.attachment().closeStdin() && !terminal) {
            closeInput();
        } else if (!client.isClosed()) {
            // Like the reference engine: a client whose input ends without ending the process's leaves.
            clients.remove(client);
            client.finish();
        }
    }

    @Override
    public void detached(AttachedClient client) {
        relieved(client);
        pump.detached(this, client.attachment().tag());
    }

    @Override
    public void relieved(AttachedClient client) {
        if (client.isClosed()) {
            clients.remove(client);
        }
        release();
    }

    /** Goes on reading when nobody leaves much unread any more. */
    private void release() {
        if (held && !anyoneLeaves(pump.limit() / 2)) {
            hold(false);
        }
    }

    /** Whether so many bytes and more wait for one client. */
    private boolean anyoneLeaves(int unread) {
        for (int i = 0; i < clients.size(); i++) {
            if (clients.get(i).unsent() > unread) {
                return true;
            }
        }
        for (int i = 0; i < recordings.size(); i++) {
            if (recordings.get(i).size() > unread) {
                return true;
            }
        }
        return false;
    }

    private void hold(boolean hold) {
        held = hold;
        for (OutputEnd output : outputs) {
            output.hold(hold);
        }
    }

    private void openInput(Fd fd, boolean master) {
        input = Optional.of(new InputEnd(pump.kernel(), pump.loop(), pump.pool(), fd, master, new Runnable() {
            @Override
            public void run() {
                for (AttachedClient client : clients) {
                    client.update();
                }
            }
        }));
    }

    private void openOutput(Fd fd, int stream, boolean master) {
        outputs.add(new OutputEnd(pump.kernel(), pump.loop(), pump.chunk(), pump.widePipes(), fd, stream, master, this));
    }

    private static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
