package io.berth.store.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of an answer while it arrives. Unlike the JDK's own, it fails when nothing comes for some time. Holds a handful of
 * network buffers at most: what is not read is not asked for.
 */
final class ArrivingBody extends InputStream implements BodySubscriber<ArrivingBody> {

    /** Network reads on their way, of 16 KiB each. */
    private static final int AHEAD = 8;

    private sealed interface Piece {}

    private record Bytes(List<ByteBuffer> buffers) implements Piece {}

    private record End() implements Piece {}

    private record Broken(Throwable why) implements Piece {}

    private final Duration stall;
    private final BlockingQueue<Piece> arrived = new LinkedBlockingQueue<>();
    private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
    private List<ByteBuffer> current = List.of();
    private int index;
    private boolean ended;

    ArrivingBody(Duration stall) {
        this.stall = stall;
    }

    @Override
    public CompletionStage<ArrivingBody> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        if (subscribed.complete(subscription)) {
            subscription.request(AHEAD);
        } else {
            subscription.cancel();
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        arrived.add(new Bytes(buffers));
    }

    @Override
    public void onError(Throwable failure) {
        arrived.add(new Broken(failure));
    }

    @Override
    public void onComplete() {
        arrived.add(new End());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            while (index < current.size()) {
                ByteBuffer buffer = current.get(index);
                if (buffer.hasRemaining()) {
                    int count = Math.min(length, buffer.remaining());
                    buffer.get(target, offset, count);
                    return count;
                }
                index++;
            }
            switch (next()) {
                case Bytes(List<ByteBuffer> buffers) -> {
                    current = buffers;
                    index = 0;
                    subscribed.join().request(1);
                }
                case End() -> ended = true;
                case Broken(Throwable why) -> {
                    arrived.add(new Broken(why));
                    throw new IOException("the connection broke: " + why.getMessage(), why);
                }
            }
        }
        return -1;
    }

    private Piece next() throws IOException {
        try {
            Piece piece = arrived.poll(stall.toNanos(), TimeUnit.NANOSECONDS);
            if (piece == null) {
                close();
                throw new IOException("nothing came for " + shown(stall));
            }
            return piece;
        } catch (InterruptedException interrupted) {
            close();
            Thread.currentThread().interrupt();
            InterruptedIOException failure = new InterruptedIOException("reading was interrupted");
            failure.initCause(interrupted);
            throw failure;
        }
    }

    static String shown(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    /** Ends the request when it is not at its end; otherwise its connection serves the next one. */
    @Override
    public void close() {
        ended = true;
        if (!subscribed.cancel(false)) {
            subscribed.join().cancel();
        }
        arrived.add(new End());
    }
}
