package io.berth.linux.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionTest implements Connection.Receiver {

    private final Kernel kernel = new JnrKernel();
    private final SocketCalls sockets = new SocketCalls(kernel);
    private final FileCalls files = new FileCalls(kernel);
    private final FileCalls.Pipe pair = sockets.pair(SocketCalls.SOCK_STREAM);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final EventLoop loop = new EventLoop(kernel, (thread, failure) -> heard.add(failure.toString()));
    private final Thread thread = Thread.ofPlatform().unstarted(loop);

    @BeforeEach
    void startLoop() {
        thread.start();
    }

    @AfterEach
    void stopLoop() throws InterruptedException {
        loop.stop();
        thread.join();
        pair.readEnd().close();
    }

    @Override
    public void received(Connection from, int type, int id, MessageReader body) {
        StringBuilder text = new StringBuilder(type + " " + id + " " + body.text());
        while (!body.descriptors().isEmpty()) {
            try (Fd fd = body.takeDescriptor()) {
                NativeBuffer content = NativeBuffer.allocate(8);
                text.append(' ').append(new String(content.copy(0, files.read(fd, content, 0, 8)), java.nio.charset.StandardCharsets.US_ASCII));
            }
        }
        heard.add(text.toString());
    }

    @Override
    public void closed(Connection connection, String reason) {
        heard.add("closed: " + reason);
    }

    @Test
    void messagesAreTakenApartWhereverTheirBytesAreSplit() throws InterruptedException {
        new Connection(loop, sockets, pair.writeEnd(), this);
        ByteArrayOutputStream glued = new ByteArrayOutputStream();
        glued.writeBytes(new MessageWriter().text("first").finish(15, 1));
        glued.writeBytes(new MessageWriter().text("second").finish(16, 2));
        byte[] bytes = glued.toByteArray();
        for (int split = 0; split < bytes.length; split++) {
            NativeBuffer all = NativeBuffer.of(bytes);
            if (split > 0) {
                files.write(pair.readEnd(), all, 0, split);
            }
            files.write(pair.readEnd(), all, split, bytes.length - split);
            assertEquals("15 1 first", hear());
            assertEquals("16 2 second", hear());
        }
    }

    @Test
    void descriptorsBelongToTheMessageTheyCameWith() throws InterruptedException {
        new Connection(loop, sockets, pair.writeEnd(), this);
        Connection sender = new Connection(loop, sockets, files.duplicate(pair.readEnd()), this);
        for (int i = 0; i < 50; i++) {
            try (FileCalls.Pipe one = files.pipe(); FileCalls.Pipe two = files.pipe()) {
                files.write(one.writeEnd(), "one" + i);
                files.write(two.writeEnd(), "two" + i);
                sender.send(1, i, new MessageWriter().text("a").descriptor(one.readEnd()));
                sender.send(2, i, new MessageWriter().text("b"));
                sender.send(3, i, new MessageWriter().text("c").descriptor(two.readEnd()).descriptor(one.readEnd()));
                assertEquals("1 " + i + " a one" + i, hear());
                assertEquals("2 " + i + " b", hear());
                files.write(one.writeEnd(), "again");
                assertEquals("3 " + i + " c two" + i + " again", hear());
            }
        }
        sender.close();
    }

    @Test
    void aMessageLargerThanTheSocketTakesArrivesWhole() throws InterruptedException {
        new Connection(loop, sockets, pair.writeEnd(), this);
        Connection sender = new Connection(loop, sockets, files.duplicate(pair.readEnd()), this);
        String large = "x".repeat(3 << 20);
        sender.send(1, 1, new MessageWriter().text(large));
        sender.send(1, 2, new MessageWriter().text("after"));
        assertEquals("1 1 " + large, hear());
        assertEquals("1 2 after", hear());
        sender.close();
    }

    @Test
    void whatIsNoProtocolEndsTheConnection() throws InterruptedException {
        new Connection(loop, sockets, pair.writeEnd(), this);
        files.write(pair.readEnd(), "GET / HTTP/1.1\r\n\r\n");
        assertTrue(hear().startsWith("closed: the other end does not speak the keeper's protocol"));
    }

    @Test
    void aGivenDescriptorIsClosedOnceSent() throws InterruptedException {
        new Connection(loop, sockets, pair.writeEnd(), this);
        Connection sender = new Connection(loop, sockets, files.duplicate(pair.readEnd()), this);
        FileCalls.Pipe pipe = files.pipe();
        files.write(pipe.writeEnd(), "given");
        sender.send(1, 1, new MessageWriter().text("a").giveDescriptor(pipe.readEnd()));
        assertTrue(pipe.readEnd().isClosed());
        assertEquals("1 1 a given", hear());
        sender.close();
        assertEquals(List.of(), List.copyOf(heard));
        pipe.writeEnd().close();
    }

    private String hear() throws InterruptedException {
        String word = heard.poll(20, TimeUnit.SECONDS);
        assertTrue(word != null, "nothing heard");
        return word;
    }
}
