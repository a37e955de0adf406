package io.berth.store.registry;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A web server that answers what a test wants, byte by byte, however wrong; and tells what it was asked. */
final class HostileServer implements AutoCloseable {

    /** @param headers by their lower-case names */
    record Received(String method, String target, Map<String, String> headers, byte[] body) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        @Override
        public String toString() {
            return method + ' ' + target;
        }
    }

    /** Writes an answer; the connection is closed after it. */
    interface Handler {
        void answer(Received request, OutputStream out) throws Exception;
    }

    private final ServerSocket socket;
    private final Handler handler;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    /** @param host an address of this machine's loopback */
    HostileServer(String host, Handler handler) throws IOException {
        this.handler = handler;
        socket = new ServerSocket(0, 50, InetAddress.getByName(host));
        Thread.ofVirtual().start(this::accept);
    }

    HostileServer(Handler handler) throws IOException {
        this("127.0.0.1", handler);
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = socket.accept();
                connections.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket connection) {
        try (connection; InputStream in = new BufferedInputStream(connection.getInputStream()); OutputStream out = connection.getOutputStream()) {
            String[] start = line(in).split(" ");
            if (start.length < 2) {
                return; // What begins TLS, for example.
            }
            Map<String, String> headers = new TreeMap<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
            }
            byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
            Received request = new Received(start[0], start[1], headers, body);
            received.add(request);
            handler.answer(request, out);
            out.flush();
        } catch (Exception gone) {
            // The client has gone, or the test's assertions will tell.
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            if (line.size() > 10_000 || line.size() == 0 && next == 0x16) {
                return "";
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    static void answer(OutputStream out, int status, String headers, byte[] body) throws IOException {
        head(out, status, "Content-Length: " + body.length + "\r\n" + headers);
        out.write(body);
    }

    static void answer(OutputStream out, int status, String headers, String body) throws IOException {
        answer(out, status, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    /** @param headers each ended by {@code \r\n} */
    static void head(OutputStream out, int status, String headers) throws IOException {
        out.write(("HTTP/1.1 " + status + " Some\r\nConnection: close\r\n" + headers + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    String address() {
        return socket.getInetAddress().getHostAddress() + ':' + socket.getLocalPort();
    }

    List<Received> received() {
        return received;
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }
}
