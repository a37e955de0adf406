package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that vanish, and clients that do not read. */
@Timeout(60)
class ClientGoneTest {
    private final LinkedBlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private final AtomicLong written = new AtomicLong();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(new Router()
                .add("POST", "/wait", exchange -> {
                    JsonLines lines = exchange.jsonLines();
                    try {
                        lines.write(exchange.whileClientStays(() -> {
                            never.await();
                            return "woken";
                        }));
                    } catch (Exception failure) {
                        seen.add(failure);
                        seen.add(Thread.currentThread().isInterrupted());
                        throw failure;
                    }
                })
                .add("POST", "/told", exchange -> {
                    exchange.onClientGone(() -> seen.add("gone"));
                    OutputStream out = exchange.stream(200, "text/plain");
                    never.await();
                    out.close();
                })
                .add("GET", "/flood", exchange -> {
                    OutputStream out = exchange.stream(200, "text/plain");
                    byte[] piece = new byte[10_000];
                    try {
                        while (true) {
                            out.write(piece);
                            written.addAndGet(piece.length);
                        }
                    } catch (IOException failure) {
                        seen.add(failure);
                        throw failure;
                    }
                })
                .add("POST", "/upload", exchange -> {
                    try {
                        exchange.body().readAllBytes();
                    } catch (IOException failure) {
                        seen.add(failure);
                        throw failure;
                    }
                }));
    }

    @AfterEach
    void stop() throws IOException {
        never.countDown();
        server.close();
        assertEquals(0, Buffers.inUse(), "buffers that nobody released");
    }

    @Test
    void aWaitIsInterruptedWhenTheClientGoes() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            RawClient client = new RawClient(endpoint);
            assertEquals(200, client.send("POST /wait HTTP/1.1\r\nContent-Length: 0\r\n\r\n").readHead().status());
            client.close();
            assertInstanceOf(ClientGoneException.class, next());
            assertEquals(false, next(), "the interruption must not outlive the wait");
        }
    }

    @Test
    void theHeadOfAStreamIsThereBeforeItsFirstByte() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("POST /wait HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
            assertEquals("chunked", client.readHead().header("transfer-encoding"));
            never.countDown();
            assertEquals("\"woken\"\n", client.readChunk());
            assertEquals("", client.readChunk());
        }
    }

    @Test
    void aHandlerIsToldWhenTheClientGoes() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            RawClient client = new RawClient(endpoint);
            client.send("POST /told HTTP/1.1\r\nContent-Length: 0\r\n\r\n").readHead();
            client.close();
            assertEquals("gone", next());
        }
    }

    @Test
    void aClientThatDoesNotReadStopsTheWriterAndNotTheMemory() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            written.set(0);
            RawClient client = new RawClient(endpoint);
            client.send("GET /flood HTTP/1.1\r\n\r\n").readHead();
            awaitStandstill();
            long stoppedAt = written.get();
            assertTrue(stoppedAt > 0, "nothing was written");
            // What the kernel takes is the kernel's; ours is the high-water mark and one piece.
            assertTrue(Buffers.inUse() <= 20, Buffers.inUse() + " buffers wait for a client that does not read");
            client.readExactly(5_000_000);
            awaitStandstill();
            assertTrue(written.get() > stoppedAt, "the writer did not go on");
            client.close();
            assertInstanceOf(ClientGoneException.class, next());
        }
    }

    /** Until nothing was written for a fifth of a second. */
    private void awaitStandstill() throws InterruptedException {
        long last = -1;
        while (written.get() != last || last == 0) {
            last = written.get();
            assertFalse(never.await(200, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    void anUploadThatBreaksOffFailsInTheHandler() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            RawClient client = new RawClient(endpoint);
            client.send("POST /upload HTTP/1.1\r\nContent-Length: 1000\r\n\r\nhalf of it");
            client.close();
            assertInstanceOf(ClientGoneException.class, next());
        }
    }

    @Test
    void aServerThatClosesEndsItsWaitsAtOnce() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("POST /wait HTTP/1.1\r\nContent-Length: 0\r\n\r\n").readHead();
            long before = System.nanoTime();
            server.server().close();
            assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(4), "close waited for its deadline");
            assertInstanceOf(ClientGoneException.class, next());
        }
    }

    private Object next() throws InterruptedException {
        return seen.poll(10, TimeUnit.SECONDS);
    }
}
