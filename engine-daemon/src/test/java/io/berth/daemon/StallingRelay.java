package io.berth.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** What stands before a registry on this machine's loopback, and lets only so many bytes of its answers through on a connection until it is told otherwise. */
final class StallingRelay implements AutoCloseable {

    private final ServerSocket listening;
    private final int port;
    private final int limit;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /**
     * @param listening may be in another network namespace
     * @param registry {@code 127.0.0.1:PORT}
     * @param limit of bytes
     */
    StallingRelay(ServerSocket listening, String registry, int limit) {
        this.listening = listening;
        this.port = Integer.parseInt(registry.substring(registry.indexOf(':') + 1));
        this.limit = limit;
        Thread.ofPlatform().name("relay").start(this::accept);
    }

    static ServerSocket bind() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    }

    String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    boolean stalls() {
        return reached.getCount() == 0;
    }

    /** From now on everything goes through. */
    void release() {
        released.countDown();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getByName("127.0.0.1"), port);
                sockets.addAll(List.of(client, server));
                Thread.ofPlatform().name("relay-request").start(() -> move(client, server, Long.MAX_VALUE));
                Thread.ofPlatform().name("relay-answer").start(() -> move(server, client, limit));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void move(Socket from, Socket to, long most) {
        try (from; to; InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[16 << 10];
            long moved = 0;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (moved + count > most) {
                    reached.countDown();
                    released.await();
                }
                out.write(buffer, 0, count);
                moved += count;
            }
        } catch (IOException gone) {
            // one of the two has left
        } catch (InterruptedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() throws IOException {
        release();
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
