package io.berth.daemon.container;

import io.berth.linux.keeper.Attachment;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperEvents;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.keeper.KeeperIdentity;
import io.berth.linux.keeper.KeptProcess;
import io.berth.linux.keeper.LaunchRequest;
import io.berth.linux.keeper.LaunchResult;
import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.keeper.log.LogPlace;
import io.berth.linux.kernel.Fd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A keeper that answers launches as the test says, and knows no process otherwise. */
final class FakeKeeper implements KeeperClient {

    final List<KeptProcess> kept = new CopyOnWriteArrayList<>();
    final List<String> calls = new ArrayList<>();
    Function<LaunchRequest, LaunchResult> launches = request -> new LaunchResult.Started(4711);

    @Override
    public KeeperIdentity identity() {
        return new KeeperIdentity(1, 1, 0, 0);
    }

    @Override
    public LaunchResult launch(LaunchRequest request, Duration deadline) {
        calls.add("launch " + request.generation() + " with " + request.attachments().size());
        return launches.apply(request);
    }

    @Override
    public LogPlace record(String key, long tag, boolean stdout, boolean stderr, boolean framed) {
        calls.add("record");
        return LogPlace.BEGINNING;
    }

    @Override
    public void attachRecorded(String key, Attachment attachment) {
        calls.add("attach recorded");
    }

    @Override
    public void forget(long tag) {
        calls.add("forget");
    }

    @Override
    public void attach(String key, Attachment attachment) {
        calls.add("attach");
        throw unknown(key);
    }

    @Override
    public void closeStdin(String key) {
        throw unknown(key);
    }

    @Override
    public void resize(String key, int rows, int columns) {
        throw unknown(key);
    }

    @Override
    public void signal(String key, int signal) {
        calls.add("signal " + signal);
        throw unknown(key);
    }

    private static KeeperException unknown(String key) {
        return new KeeperException(KeeperException.Kind.NOT_FOUND, key + " is not running");
    }

    @Override
    public void subscribe(long since, KeeperEvents events) {
        calls.add("subscribe");
    }

    @Override
    public List<KeptProcess> list() {
        return List.copyOf(kept);
    }

    @Override
    public void releaseSoon(String key, long generation) {
        release(key, generation);
    }

    @Override
    public void release(String key, long generation) {
        calls.add("release " + generation);
    }

    @Override
    public void logOptions(String key, LogOptions options) {
        throw unknown(key);
    }

    @Override
    public void rotate(String key) {
        throw unknown(key);
    }

    @Override
    public void keep(String name, List<Fd> descriptors) {
        throw new UnsupportedOperationException("keep");
    }

    @Override
    public List<String> kept() {
        throw new UnsupportedOperationException("kept");
    }

    @Override
    public void keepSoon(String name, List<Fd> descriptors) {
        throw new UnsupportedOperationException("keepSoon");
    }

    @Override
    public List<Fd> take(String name) {
        return List.of();
    }

    @Override
    public void shutdown(boolean force) {
        calls.add("shutdown");
    }

    @Override
    public void ping() {
        calls.add("ping");
    }

    @Override
    public void close() {
        calls.add("close");
    }
}
