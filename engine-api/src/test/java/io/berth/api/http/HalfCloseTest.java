package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client that has closed its sending half still gets, when somebody was slow meanwhile. */
@Timeout(60)
class HalfCloseTest {
    /** More than the server reads ahead; less than that and the kernel's buffer together. */
    private static final int INPUT = 250_000;
    private static final int OUTPUT = 8_000_000;

    private final CountDownLatch clientClosed = new CountDownLatch(1);

    @Test
    void aHandlerThatBeginsToReadAfterTheEndStillGetsEveryByte() throws Exception {
        Router router = new Router().add("POST", "/late", exchange -> {
            try (HijackedStream stream = exchange.hijack("a/b")) {
                clientClosed.await(10, TimeUnit.SECONDS);
                long count = stream.input().readAllBytes().length;
                stream.output().write(String.valueOf(count).getBytes());
            }
        });
        try (TestServer server = new TestServer(router)) {
            for (Endpoint endpoint : server.endpoints()) {
                try (RawClient client = new RawClient(endpoint)) {
                    client.send("POST /late" + HijackTest.UPGRADE).send(new byte[INPUT]).closeOutput();
                    clientClosed.countDown();
                    client.readHead();
                    assertEquals(String.valueOf(INPUT), new String(client.readToEnd()));
                }
            }
        }
    }

    @Test
    void aClientThatReadsSlowlyAfterItsEndStillGetsEveryByte() throws Exception {
        Router router = new Router().add("POST", "/much", exchange -> {
            try (HijackedStream stream = exchange.hijack("a/b")) {
                stream.input().readAllBytes();
                stream.output().write(new byte[OUTPUT]);
            }
        });
        try (TestServer server = new TestServer(router)) {
            for (Endpoint endpoint : server.endpoints()) {
                try (RawClient client = new RawClient(endpoint)) {
                    client.send("POST /much" + HijackTest.UPGRADE + "x").closeOutput();
                    client.readHead();
                    assertEquals(OUTPUT, client.readToEnd().length);
                }
            }
        }
    }
}
