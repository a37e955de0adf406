package io.berth.daemon.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** What {@link NetworkSpeed} runs inside a network namespace; prints one number. */
final class NetworkClient {

    private static final int WARM_UP = 500;
    private static final int LOOKUPS = 2000;
    private static final int PATIENCE_MILLIS = 5000;

    private NetworkClient() {
    }

    /** {@code lookup NAME}: median milliseconds of a question to 127.0.0.11; {@code download ADDRESS PORT PATH}: GB/s. */
    public static void main(String[] arguments) throws IOException {
        System.out.println(arguments[0].equals("lookup") ? lookups(arguments[1])
                : download(arguments[1], Integer.parseInt(arguments[2]), arguments[3]));
    }

    private static double lookups(String name) throws IOException {
        List<Double> times = new ArrayList<>();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(InetAddress.getByName("127.0.0.11"), 53);
            socket.setSoTimeout(PATIENCE_MILLIS);
            for (int i = 0; i < WARM_UP + LOOKUPS; i++) {
                byte[] question = question(i, name);
                byte[] answer = new byte[512];
                long start = System.nanoTime();
                socket.send(new DatagramPacket(question, question.length));
                socket.receive(new DatagramPacket(answer, answer.length));
                if (i >= WARM_UP) {
                    times.add((System.nanoTime() - start) / 1e6);
                }
                if (ByteBuffer.wrap(answer).getShort(6) == 0) {
                    throw new IOException("no answer for " + name);
                }
            }
        }
        return EngineBench.median(times);
    }

    /** RFC 1035, 4.1: one question for an address (A, IN), recursion desired. */
    private static byte[] question(int id, String name) {
        ByteBuffer message = ByteBuffer.allocate(512).putShort((short) id).putShort((short) 0x0100).putShort((short) 1).putShort((short) 0)
                .putInt(0);
        for (String label : name.split("\\.")) {
            message.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        message.put((byte) 0).putShort((short) 1).putShort((short) 1);
        byte[] bytes = new byte[message.position()];
        message.get(0, bytes);
        return bytes;
    }

    private static double download(String address, int port, String path) throws IOException {
        byte[] buffer = new byte[1 << 20];
        try (Socket socket = connected(address, port)) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            long total = in.read(buffer); // the head: it has begun
            long start = System.nanoTime();
            for (int read = 0; read >= 0; read = in.read(buffer)) {
                total += read;
            }
            return total / 1e9 / ((System.nanoTime() - start) / 1e9);
        }
    }

    /** The server may be about to listen. */
    private static Socket connected(String address, int port) throws IOException {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        while (true) {
            try {
                return new Socket(address, port);
            } catch (ConnectException notYet) {
                if (System.nanoTime() > end) {
                    throw notYet;
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }
}
