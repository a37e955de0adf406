package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HandoverTest {
    private final LinkedBlockingQueue<Object> handovers = new LinkedBlockingQueue<>();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(new Router().add("POST", "/take", exchange -> {
            HijackedStream stream = exchange.hijack("application/vnd.docker.raw-stream");
            if (exchange.query().has("greet")) {
                stream.output().write(new byte[200_000]);
            }
            try {
                handovers.add(stream.handOver());
            } catch (IOException failure) {
                handovers.add(failure);
            }
            stream.close();
        }));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertEquals(0, Buffers.inUse(), "buffers that nobody released");
    }

    @Test
    void noByteIsLostOrDoubledHoweverTheyArrive() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            Endpoint endpoint = server.endpoints().get(round % 2);
            int glued = round < 20 ? round * 3700 : random.nextInt(70_001);
            byte[] input = new byte[glued + random.nextInt(200_000)];
            random.nextBytes(input);
            int piece = 1 + random.nextInt(round % 3 == 0 ? 200 : 40_000);
            try (RawClient client = new RawClient(endpoint)) {
                FutureTask<RawClient> sending = new FutureTask<>(sender(client, input, glued, piece));
                Thread.ofPlatform().start(sending);
                SocketHandover handover = take();
                ByteArrayOutputStream seen = new ByteArrayOutputStream();
                seen.writeBytes(handover.received());
                try (NativeSocket socket = new NativeSocket(handover.fd())) {
                    byte[] buffer = new byte[30_000];
                    for (int count = socket.read(buffer); count >= 0; count = socket.read(buffer)) {
                        seen.write(buffer, 0, count);
                    }
                    socket.write("good bye".getBytes(StandardCharsets.US_ASCII));
                }
                assertArrayEquals(input, seen.toByteArray(), "round " + round + " of seed " + seed);
                sending.get();
                assertEquals("HTTP/1.1 101 UPGRADED", client.readHead().statusLine());
                assertEquals("good bye", new String(client.readToEnd(), StandardCharsets.US_ASCII));
            }
        }
    }

    /** Sends the head with the first bytes glued to it, then the rest in pieces, then the end. */
    private static Callable<RawClient> sender(RawClient client, byte[] input, int glued, int piece) {
        return () -> {
            ByteArrayOutputStream first = new ByteArrayOutputStream();
            first.writeBytes(("POST /take" + HijackTest.UPGRADE).getBytes(StandardCharsets.US_ASCII));
            first.write(input, 0, glued);
            client.send(first.toByteArray());
            for (int at = glued; at < input.length; at += piece) {
                client.send(Arrays.copyOfRange(input, at, Math.min(input.length, at + piece)));
            }
            return client.closeOutput();
        };
    }

    @Test
    void theConnectionOutlivesTheServer() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            RawClient client = new RawClient(endpoint);
            client.send("POST /take" + HijackTest.UPGRADE + "early").readHead();
        }
        SocketHandover[] handovers = {take(), take()};
        server.server().close();
        for (SocketHandover handover : handovers) {
            assertEquals("early", new String(handover.received(), StandardCharsets.US_ASCII));
            try (NativeSocket socket = new NativeSocket(handover.fd())) {
                socket.write(new byte[1000]);
            }
        }
    }

    @Test
    void whatWasWrittenBeforeTheHandoverArrivesBeforeWhatComesAfter() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            try (RawClient client = new RawClient(endpoint)) {
                client.send("POST /take?greet" + HijackTest.UPGRADE).readHead();
                assertArrayEquals(new byte[200_000], client.readExactly(200_000));
                try (NativeSocket socket = new NativeSocket(take().fd())) {
                    socket.write("after".getBytes(StandardCharsets.US_ASCII));
                }
                assertEquals("after", new String(client.readToEnd(), StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void theEndOfTheInputIsSeenByTheNewOwnerToo() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            try (RawClient client = new RawClient(endpoint)) {
                client.send("POST /take" + HijackTest.UPGRADE + "x").closeOutput();
                SocketHandover handover = take();
                ByteArrayOutputStream seen = new ByteArrayOutputStream();
                seen.writeBytes(handover.received());
                try (NativeSocket socket = new NativeSocket(handover.fd())) {
                    byte[] buffer = new byte[10];
                    for (int count = socket.read(buffer); count >= 0; count = socket.read(buffer)) {
                        seen.write(buffer, 0, count);
                    }
                }
                assertEquals("x", seen.toString(StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void aConnectionThatWasHandedOverLeavesNoDescriptorBehind() throws Exception {
        int before = openFiles();
        for (int round = 0; round < 200; round++) {
            try (RawClient client = new RawClient(server.endpoints().get(round % 2))) {
                client.send("POST /take" + HijackTest.UPGRADE).readHead();
                new NativeSocket(take().fd()).close();
                assertEquals(-1, client.read());
            }
        }
        assertTrue(openFiles() <= before + 2, "descriptors open before " + before + ", after " + openFiles());
    }

    @Test
    void aConnectionThatTheClientBrokeIsNotHandedOver() throws Exception {
        Router router = new Router().add("POST", "/broken", exchange -> {
            HijackedStream stream = exchange.hijack("a/b");
            assertThrows(ClientGoneException.class, () -> {
                while (true) {
                    stream.output().write(new byte[1000]);
                }
            });
            handovers.add(assertThrows(ClientGoneException.class, stream::handOver));
            stream.close();
        });
        try (TestServer broken = new TestServer(router)) {
            RawClient client = broken.connect();
            client.send("POST /broken" + HijackTest.UPGRADE).readHead();
            client.close();
            assertEquals(ClientGoneException.class, handovers.poll(10, TimeUnit.SECONDS).getClass());
        }
    }

    private SocketHandover take() throws InterruptedException {
        return (SocketHandover) handovers.poll(10, TimeUnit.SECONDS);
    }

    private static int openFiles() {
        return new File("/proc/self/fd").list().length;
    }
}
