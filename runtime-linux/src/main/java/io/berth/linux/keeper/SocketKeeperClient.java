package io.berth.linux.keeper;

import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.keeper.log.LogPlace;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCallException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The client over the keeper's socket. One thread reads; callers send without blocking and wait for a future. */
final class SocketKeeperClient implements KeeperClient, Connection.Receiver {

    private record Pending(CompletableFuture<Object> future, Function<MessageReader, ?> decoder) {
    }

    private final FileCalls files;
    private final EventLoop loop;
    private final Connection connection;
    private final Duration deadline;
    private final Map<Integer, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final KeeperIdentity identity;
    /** Empty until the caller subscribes; the reader's thread calls it. */
    private volatile List<KeeperEvents> subscriber = List.of();
    private volatile String lostBecause = "";
    /** Whether the keeper's end was our wish and is no news. */
    private volatile boolean endAsked;

    /**
     * Connects.
     *
     * @throws KeeperException LOST when nobody listens there, CONFLICT when the keeper speaks another protocol
     */
    SocketKeeperClient(Kernel kernel, String path, Duration deadline) {
        this.deadline = deadline;
        files = new FileCalls(kernel);
        SocketCalls sockets = new SocketCalls(kernel);
        Fd socket = sockets.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_STREAM, 0);
        try {
            sockets.connectUnix(socket, path);
        } catch (SystemCallException failure) {
            socket.close();
            throw new KeeperException(KeeperException.Kind.LOST, "connect to the keeper at " + path + ": " + failure.getMessage(), failure);
        }
        loop = new EventLoop(kernel, (thread, failure) -> lose(failure.toString()));
        connection = new Connection(loop, sockets, socket, this);
        Thread.ofPlatform().name("keeper-client").daemon().start(loop);
        try {
            identity = call(KeeperProtocol.HELLO, new MessageWriter().number(KeeperProtocol.VERSION), deadline,
                    body -> new KeeperIdentity(body.number(), body.number(), body.longNumber(), body.longNumber()));
            if (identity.version() != KeeperProtocol.VERSION) {
                throw new KeeperException(KeeperException.Kind.CONFLICT, "the keeper at " + path + " (pid " + identity.pid()
                        + ") speaks version " + identity.version() + " of the protocol, this daemon version " + KeeperProtocol.VERSION);
            }
        } catch (KeeperException refused) {
            close();
            throw refused;
        }
    }

    @Override
    public KeeperIdentity identity() {
        return identity;
    }

    @Override
    public LaunchResult launch(LaunchRequest request, Duration launchDeadline) {
        MessageWriter message = new MessageWriter();
        KeeperProtocol.writeLaunch(message, request);
        return call(KeeperProtocol.LAUNCH, message, launchDeadline, body -> body.flag()
                ? new LaunchResult.Started(body.number())
                : new LaunchResult.Failed(body.number(), Errno.of(body.number())));
    }

    @Override
    public void attach(String key, Attachment attachment) {
        MessageWriter message = new MessageWriter().text(key);
        KeeperProtocol.writeAttachment(message, attachment);
        request(KeeperProtocol.ATTACH, message);
    }

    @Override
    public LogPlace record(String key, long tag, boolean stdout, boolean stderr, boolean framed) {
        MessageWriter message = new MessageWriter().text(key).number(tag).flag(stdout).flag(stderr).flag(framed);
        return call(KeeperProtocol.RECORD, message, deadline, body -> new LogPlace(body.longNumber(), body.longNumber()));
    }

    @Override
    public void attachRecorded(String key, Attachment attachment) {
        MessageWriter message = new MessageWriter().text(key);
        KeeperProtocol.writeAttachment(message, attachment);
        request(KeeperProtocol.ATTACH, message.flag(true));
    }

    @Override
    public void forget(long tag) {
        request(KeeperProtocol.FORGET, new MessageWriter().number(tag));
    }

    @Override
    public void closeStdin(String key) {
        request(KeeperProtocol.CLOSE_STDIN, new MessageWriter().text(key));
    }

    @Override
    public void resize(String key, int rows, int columns) {
        request(KeeperProtocol.RESIZE, new MessageWriter().text(key).number(rows).number(columns));
    }

    @Override
    public void signal(String key, int signal) {
        request(KeeperProtocol.SIGNAL, new MessageWriter().text(key).number(signal));
    }

    @Override
    public void subscribe(long since, KeeperEvents events) {
        subscriber = List.of(events);
        request(KeeperProtocol.SUBSCRIBE, new MessageWriter().number(since).flag(true));
    }

    @Override
    public List<KeptProcess> list() {
        return call(KeeperProtocol.LIST, new MessageWriter(), deadline, body -> {
            List<KeptProcess> processes = new ArrayList<>();
            for (int count = body.number(); count > 0; count--) {
                processes.add(new KeptProcess(body.text(), body.longNumber(), body.number(), KeptProcess.State.values()[body.number()]));
            }
            return List.copyOf(processes);
        });
    }

    @Override
    public void release(String key, long generation) {
        request(KeeperProtocol.RELEASE, new MessageWriter().text(key).number(generation));
    }

    @Override
    public void releaseSoon(String key, long generation) {
        connection.send(KeeperProtocol.RELEASE, ids.incrementAndGet(), new MessageWriter().text(key).number(generation));
    }

    @Override
    public void logOptions(String key, LogOptions options) {
        MessageWriter message = new MessageWriter().text(key);
        KeeperProtocol.writeLog(message, options);
        request(KeeperProtocol.LOG_OPTIONS, message);
    }

    @Override
    public void rotate(String key) {
        request(KeeperProtocol.ROTATE, new MessageWriter().text(key));
    }

    @Override
    public void keep(String name, List<Fd> descriptors) {
        MessageWriter message = new MessageWriter().text(name);
        descriptors.forEach(message::descriptor);
        request(KeeperProtocol.KEEP, message);
    }

    @Override
    public void keepSoon(String name, List<Fd> descriptors) {
        MessageWriter message = new MessageWriter().text(name);
        // the message may be sent when the caller has closed its own
        descriptors.forEach(fd -> message.giveDescriptor(files.duplicate(fd)));
        connection.send(KeeperProtocol.KEEP, ids.incrementAndGet(), message);
    }

    @Override
    public List<Fd> take(String name) {
        return call(KeeperProtocol.TAKE, new MessageWriter().text(name), deadline, body -> {
            List<Fd> taken = List.copyOf(body.descriptors());
            body.descriptors().clear();
            return taken;
        });
    }

    @Override
    public List<String> kept() {
        return call(KeeperProtocol.KEPT, new MessageWriter(), deadline, body -> {
            List<String> names = new ArrayList<>();
            for (int count = body.number(); count > 0; count--) {
                names.add(body.text());
            }
            return List.copyOf(names);
        });
    }

    @Override
    public void shutdown(boolean force) {
        endAsked = true;
        try {
            request(KeeperProtocol.SHUTDOWN, new MessageWriter().flag(force));
        } catch (KeeperException refused) {
            endAsked = false;
            throw refused;
        }
    }

    @Override
    public void ping() {
        request(KeeperProtocol.PING, new MessageWriter());
    }

    @Override
    public void close() {
        subscriber = List.of();
        connection.close();
        loop.stop();
        fail("the client was closed");
    }

    @Override
    public void received(Connection from, int type, int id, MessageReader body) {
        switch (type) {
            case KeeperProtocol.EXITED -> {
                Exit exit = KeeperProtocol.readExit(body);
                subscriber.forEach(events -> events.exited(exit));
            }
            case KeeperProtocol.DETACHED -> {
                String key = body.text();
                long generation = body.longNumber();
                long tag = body.longNumber();
                subscriber.forEach(events -> events.detached(key, generation, tag));
            }
            case KeeperProtocol.LOG_LOST -> {
                String key = body.text();
                long generation = body.longNumber();
                long chunks = body.longNumber();
                long bytes = body.longNumber();
                String why = body.text();
                subscriber.forEach(events -> events.logLost(key, generation, chunks, bytes, why));
            }
            case KeeperProtocol.DONE, KeeperProtocol.REFUSED -> answered(type, id, body);
            default -> {
                // An event of a later keeper, of which this daemon has no use.
            }
        }
    }

    @Override
    public void closed(Connection closed, String reason) {
        lose(reason);
    }

    private void answered(int type, int id, MessageReader body) {
        Pending request = pending.remove(id);
        if (request == null) {
            // Its caller has given up waiting.
            return;
        }
        try {
            if (type == KeeperProtocol.REFUSED) {
                KeeperException.Kind kind = KeeperException.Kind.values()[body.number()];
                request.future.completeExceptionally(new KeeperException(kind, body.text()));
            } else {
                request.future.complete(request.decoder.apply(body));
            }
        } catch (RuntimeException malformed) {
            request.future.completeExceptionally(malformed);
        }
    }

    private void lose(String reason) {
        connection.close();
        loop.stop();
        List<KeeperEvents> told = subscriber;
        subscriber = List.of();
        fail(reason);
        if (!endAsked) {
            told.forEach(events -> events.lost(reason));
        }
    }

    private void fail(String reason) {
        lostBecause = reason;
        for (Integer id : List.copyOf(pending.keySet())) {
            Pending request = pending.remove(id);
            if (request != null) {
                request.future.completeExceptionally(lost(reason));
            }
        }
    }

    private static KeeperException lost(String reason) {
        return new KeeperException(KeeperException.Kind.LOST, "the connection to the keeper is gone: " + reason);
    }

    private void request(int type, MessageWriter message) {
        call(type, message, deadline, body -> true);
    }

    @SuppressWarnings("unchecked")
    private <T> T call(int type, MessageWriter message, Duration limit, Function<MessageReader, T> decoder) {
        int id = ids.incrementAndGet();
        CompletableFuture<Object> future = new CompletableFuture<>();
        pending.put(id, new Pending(future, decoder));
        try {
            connection.send(type, id, message);
            if (!lostBecause.isEmpty() && !future.isDone()) {
                // Lost before this request was among those that are told.
                throw lost(lostBecause);
            }
            return (T) future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof KeeperException refused
                    ? new KeeperException(refused.kind(), refused.getMessage(), refused)
                    : new KeeperException(KeeperException.Kind.FAILED, "the keeper's answer makes no sense: " + failure.getCause(), failure);
        } catch (TimeoutException late) {
            throw new KeeperException(KeeperException.Kind.TIMEOUT, "no answer from the keeper within " + limit, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new KeeperException(KeeperException.Kind.TIMEOUT, "interrupted while waiting for the keeper", interrupted);
        } finally {
            pending.remove(id);
        }
    }
}
