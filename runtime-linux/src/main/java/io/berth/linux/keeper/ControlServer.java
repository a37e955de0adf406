package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The keeper's ear: accepts daemons on its socket, answers their requests from the {@link ProcessTable}, and tells
 * subscribers of exits. On the control thread.
 */
final class ControlServer implements Connection.Receiver, ProcessTable.Listener {

    private static final long ACCEPT_REST_NANOS = 10_000_000;

    private final Kernel kernel;
    private final SocketCalls sockets;
    private final EventLoop loop;
    private final ExitJournal journal;
    private final ProcessTable processes;
    private final int uid;
    private final long startedNanos;
    private final Map<String, List<Fd>> kept = new HashMap<>();
    private final List<Connection> subscribers = new ArrayList<>();
    /** Those of them that know of losses of logs. */
    private final List<Connection> lossSubscribers = new ArrayList<>();

    ControlServer(Kernel kernel, EventLoop loop, ExitJournal journal, Thread.UncaughtExceptionHandler failures) {
        this.kernel = kernel;
        this.sockets = new SocketCalls(kernel);
        this.loop = loop;
        this.journal = journal;
        this.processes = new ProcessTable(kernel, loop, journal, this, failures);
        this.uid = (int) kernel.call(SystemCall.GETEUID);
        Instant now = Instant.now();
        this.startedNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** Listens at a path, in the place of whatever was there. Only this user can connect. */
    void listen(String path) {
        String fresh = path + ".new";
        kernel.attempt(SystemCall.UNLINKAT, of(FileCalls.AT_FDCWD), of(fresh), of(0));
        Fd socket = sockets.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK, 0);
        long umask = kernel.call(SystemCall.UMASK, of(0177));
        sockets.bindUnix(socket, fresh);
        kernel.call(SystemCall.UMASK, of(umask));
        sockets.listen(socket, 64);
        loop.register(socket, EventLoop.IN, new EventLoop.Handler() {
            @Override
            public void ready(int events) {
                accept(socket);
            }
        });
        kernel.call(SystemCall.RENAMEAT2, of(FileCalls.AT_FDCWD), of(fresh), of(FileCalls.AT_FDCWD), of(path), of(0));
    }

    /** Ends the pump's thread. */
    void stop() {
        processes.stop();
    }

    private void accept(Fd listening) {
        try {
            Fd socket = sockets.accept(listening);
            if (sockets.peerUid(socket) == uid) {
                new Connection(loop, sockets, socket, this);
            } else {
                socket.close();
            }
        } catch (SystemCallException failure) {
            // The client left between the event and the call, or there are too many files open: then it is still waiting, and
            // without this rest the loop would do nothing but ask again.
            LockSupport.parkNanos(ACCEPT_REST_NANOS);
        }
    }

    @Override
    public void received(Connection from, int type, int id, MessageReader body) {
        Reply reply = new Reply(from, id);
        try {
            handle(from, type, body, reply);
        } catch (KeeperException refused) {
            reply.refused(refused.kind(), refused.getMessage());
        } catch (IllegalArgumentException malformed) {
            reply.refused(KeeperException.Kind.INVALID, "request " + type + ": " + malformed.getMessage());
        } catch (SystemCallException failure) {
            reply.refused(KeeperException.Kind.FAILED, "request " + type + ": " + failure.getMessage());
        }
    }

    private void handle(Connection from, int type, MessageReader body, Reply reply) {
        switch (type) {
            case KeeperProtocol.LAUNCH -> {
                processes.launch(KeeperProtocol.readLaunch(body), reply);
                return;
            }
            case KeeperProtocol.HELLO -> {
                reply.done(hello());
                return;
            }
            case KeeperProtocol.LIST -> {
                reply.done(list());
                return;
            }
            case KeeperProtocol.TAKE -> {
                reply.done(take(body.text()));
                return;
            }
            case KeeperProtocol.KEPT -> {
                reply.done(kept());
                return;
            }
            case KeeperProtocol.SUBSCRIBE -> {
                reply.done();
                subscribe(from, body.longNumber(), body.hasMore() && body.flag());
                return;
            }
            case KeeperProtocol.RECORD -> {
                processes.record(from, KeeperProtocol.readKey(body), body.longNumber(), body.flag(), body.flag(), body.flag(), reply);
                return;
            }
            case KeeperProtocol.FORGET -> processes.forget(from, body.longNumber());
            case KeeperProtocol.ATTACH -> {
                String key = KeeperProtocol.readKey(body);
                Attachment attachment = KeeperProtocol.readAttachment(body);
                if (body.hasMore() && body.flag()) {
                    processes.attachRecorded(from, attachment);
                } else {
                    processes.attach(key, attachment);
                }
            }
            case KeeperProtocol.CLOSE_STDIN -> processes.closeStdin(KeeperProtocol.readKey(body));
            case KeeperProtocol.RESIZE -> processes.resize(KeeperProtocol.readKey(body), body.number(), body.number());
            case KeeperProtocol.SIGNAL -> processes.signal(KeeperProtocol.readKey(body), body.number());
            case KeeperProtocol.RELEASE -> processes.release(KeeperProtocol.readKey(body), body.longNumber());
            case KeeperProtocol.LOG_OPTIONS -> processes.logOptions(KeeperProtocol.readKey(body), KeeperProtocol.readLog(body));
            case KeeperProtocol.ROTATE -> processes.rotate(KeeperProtocol.readKey(body));
            case KeeperProtocol.KEEP -> keep(body.text(), body.descriptors());
            case KeeperProtocol.SHUTDOWN -> shutdown(body.flag());
            case KeeperProtocol.PING -> {
            }
            default -> throw new KeeperException(KeeperException.Kind.INVALID, "request " + type + " is unknown to this keeper (protocol "
                    + KeeperProtocol.VERSION + ")");
        }
        reply.done();
    }

    @Override
    public void closed(Connection connection, String reason) {
        subscribers.remove(connection);
        lossSubscribers.remove(connection);
        processes.forgetAll(connection);
    }

    @Override
    public void exited(Exit exit) {
        for (Connection subscriber : List.copyOf(subscribers)) {
            tell(subscriber, KeeperProtocol.EXITED, exitMessage(exit));
        }
    }

    @Override
    public void detached(String key, long generation, long tag) {
        for (Connection subscriber : List.copyOf(subscribers)) {
            tell(subscriber, KeeperProtocol.DETACHED, new MessageWriter().text(key).number(generation).number(tag));
        }
    }

    @Override
    public void logLost(String key, long generation, long chunks, long bytes, String why) {
        for (Connection subscriber : List.copyOf(lossSubscribers)) {
            tell(subscriber, KeeperProtocol.LOG_LOST,
                    new MessageWriter().text(key).number(generation).number(chunks).number(bytes).text(why));
        }
    }

    private void tell(Connection subscriber, int type, MessageWriter event) {
        try {
            subscriber.send(type, 0, event);
        } catch (KeeperException lost) {
            subscribers.remove(subscriber);
            lossSubscribers.remove(subscriber);
            subscriber.close();
        }
    }

    private static MessageWriter exitMessage(Exit exit) {
        MessageWriter message = new MessageWriter();
        KeeperProtocol.writeExit(message, exit);
        return message;
    }

    private MessageWriter hello() {
        return new MessageWriter().number(KeeperProtocol.VERSION).number((int) kernel.call(SystemCall.GETPID)).number(startedNanos)
                .number(journal.lastSequence());
    }

    private void subscribe(Connection from, long since, boolean losses) {
        if (!subscribers.contains(from)) {
            subscribers.add(from);
        }
        if (losses && !lossSubscribers.contains(from)) {
            lossSubscribers.add(from);
        }
        for (Exit exit : journal.since(since)) {
            tell(from, KeeperProtocol.EXITED, exitMessage(exit));
        }
    }

    private MessageWriter list() {
        List<KeptProcess> all = processes.list();
        MessageWriter message = new MessageWriter().number(all.size());
        for (KeptProcess process : all) {
            message.text(process.key()).number(process.generation()).number(process.pid()).number(process.state().ordinal());
        }
        return message;
    }

    private void keep(String name, List<Fd> descriptors) {
        List<Fd> former = descriptors.isEmpty() ? kept.remove(name) : kept.put(name, List.copyOf(descriptors));
        descriptors.clear();
        if (former != null) {
            for (Fd fd : former) {
                fd.close();
            }
        }
    }

    private MessageWriter take(String name) {
        MessageWriter message = new MessageWriter();
        for (Fd fd : kept.getOrDefault(name, List.of())) {
            message.descriptor(fd);
        }
        return message;
    }

    private MessageWriter kept() {
        MessageWriter message = new MessageWriter().number(kept.size());
        for (String name : kept.keySet()) {
            message.text(name);
        }
        return message;
    }

    private void shutdown(boolean force) {
        if (!force && !processes.isIdle()) {
            throw new KeeperException(KeeperException.Kind.CONFLICT, "end the keeper: processes run");
        }
        loop.stop();
    }
}
