package io.berth.api;

import io.berth.api.container.AttachRequest;
import io.berth.api.container.AttachSwitch;
import io.berth.api.container.ContainerOperations;
import io.berth.api.container.CreateContainer;
import io.berth.api.container.FrameSink;
import io.berth.api.container.ListContainers;
import io.berth.api.container.LogStream;
import io.berth.api.container.LogsRequest;
import io.berth.api.container.RemoveContainer;
import io.berth.api.container.StatsStream;
import io.berth.api.container.WaitCondition;
import io.berth.api.container.WaitHandle;
import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.http.HijackedStream;
import io.berth.api.wire.StreamType;
import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.container.CreateContainerResponse;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.InspectContainer;
import io.berth.api.wire.container.PruneContainersResponse;
import io.berth.api.wire.container.StatsResponse;
import io.berth.api.wire.container.TopResponse;
import io.berth.api.wire.container.UpdateContainerResponse;
import io.berth.api.wire.container.WaitResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

/** Containers of which only {@code c} and {@code tty} exist; it remembers what it was asked. */
public final class FakeContainers implements ContainerOperations {
    public final List<Object> asked = new ArrayList<>();
    public final CompletableFuture<WaitResponse> exit = new CompletableFuture<>();
    public final CountDownLatch waitClosed = new CountDownLatch(1);

    private static void requireThere(String container) {
        if (!container.equals("c") && !container.equals("tty")) {
            throw ApiException.notFound("No such container: " + container);
        }
    }

    private void ask(String container, Object request) {
        requireThere(container);
        asked.add(request);
    }

    @Override
    public List<ContainerSummary> list(ListContainers request) {
        asked.add(request);
        return List.of();
    }

    @Override
    public CreateContainerResponse create(CreateContainer request) {
        asked.add(request);
        return new CreateContainerResponse("abc", List.of());
    }

    @Override
    public InspectContainer inspect(String container, boolean size) {
        ask(container, "inspect " + size);
        return new InspectContainer();
    }

    @Override
    public TopResponse top(String container, String psArguments) {
        ask(container, "top " + psArguments);
        return new TopResponse(List.of(), List.of("PID"));
    }

    @Override
    public LogStream logs(LogsRequest request) {
        ask(request.container(), request);
        return new LogStream() {
            @Override
            public boolean tty() {
                return request.container().equals("tty");
            }

            @Override
            public void copyTo(FrameSink sink) throws IOException {
                sink.write(StreamType.STDOUT, "out\n".getBytes());
                sink.write(StreamType.STDERR, "err\n".getBytes());
            }

            @Override
            public void close() {
                asked.add("log closed");
            }
        };
    }

    @Override
    public void resize(String container, int height, int width) {
        ask(container, "resize " + height + " " + width);
    }

    @Override
    public void start(String container, Optional<String> detachKeys) {
        ask(container, "start");
        throw ApiException.notModified();
    }

    @Override
    public void stop(String container, Optional<String> signal, OptionalInt seconds) {
        ask(container, "stop " + signal.orElse("-") + " " + seconds.orElse(-99));
    }

    @Override
    public void restart(String container, Optional<String> signal, OptionalInt seconds) {
        ask(container, "restart " + signal.orElse("-") + " " + seconds.orElse(-99));
    }

    @Override
    public void kill(String container, String signal) {
        ask(container, "kill " + signal);
    }

    @Override
    public void pause(String container) {
        ask(container, "pause");
    }

    @Override
    public void unpause(String container) {
        ask(container, "unpause");
    }

    @Override
    public void rename(String container, String name) {
        ask(container, "rename " + name);
    }

    @Override
    public StatsResponse stats(String container) {
        ask(container, "stats");
        return new StatsResponse();
    }

    @Override
    public StatsStream streamStats(String container) {
        ask(container, "streamStats");
        List<StatsResponse> left = new ArrayList<>(List.of(new StatsResponse(), new StatsResponse()));
        return new StatsStream() {
            @Override
            public Optional<StatsResponse> next() {
                return left.isEmpty() ? Optional.empty() : Optional.of(left.removeFirst());
            }

            @Override
            public void close() {
                left.clear();
            }
        };
    }

    @Override
    public UpdateContainerResponse update(String container, HostConfig limits) {
        ask(container, "update " + limits.given());
        return new UpdateContainerResponse(List.of());
    }

    @Override
    public PruneContainersResponse prune(Filters filters) {
        asked.add(filters);
        return new PruneContainersResponse(List.of(), 0);
    }

    @Override
    public void attach(AttachRequest request, AttachSwitch connection) throws IOException {
        ask(request.container(), request);
        try (HijackedStream stream = connection.toRawStream(request.container().equals("tty"))) {
            new FrameSink(stream.output(), request.container().equals("c")).write(StreamType.STDOUT, stream.input().readAllBytes());
        }
    }

    @Override
    public WaitHandle registerWait(String container, WaitCondition condition) {
        ask(container, condition);
        return new WaitHandle() {
            @Override
            public WaitResponse await() throws InterruptedException {
                try {
                    return exit.get();
                } catch (ExecutionException failure) {
                    throw new IllegalStateException(failure);
                }
            }

            @Override
            public void close() {
                waitClosed.countDown();
            }
        };
    }

    @Override
    public void remove(RemoveContainer request) {
        ask(request.container(), request);
    }
}
