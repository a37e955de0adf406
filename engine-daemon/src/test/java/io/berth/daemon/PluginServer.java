package io.berth.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * A volume plugin on a Unix socket: its volumes are directories, its mounts are counted by user. A volume called {@code refused-…} is refused with
 * the words of its name.
 */
final class PluginServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    static final Path PLUGINS = Path.of("/run/docker/plugins");

    private final Path socket;
    private final Path directory;
    private final ServerSocketChannel server;
    private final Map<String, List<String>> users = new TreeMap<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile String hangsAt = "";

    /** @param directory for the content of its volumes */
    PluginServer(String name, Path directory) {
        try {
            this.socket = Files.createDirectories(PLUGINS).resolve(name + ".sock");
            this.directory = directory;
            Files.deleteIfExists(socket);
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().daemon().start(this::accept);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Such as {@code Mount kept}; those that only look are left out. */
    List<String> calls() {
        return List.copyOf(calls);
    }

    /** For whom a volume is mounted. */
    List<String> users(String volume) {
        synchronized (users) {
            return List.copyOf(users.getOrDefault(volume, List.of()));
        }
    }

    /** From now on it does not answer this question, such as {@code List}; empty for none. */
    void hangAt(String method) {
        hangsAt = method;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                Thread.ofPlatform().daemon().start(() -> serve(client));
            }
        } catch (ClosedChannelException closed) {
            // the test is over
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            InputStream in = Channels.newInputStream(client);
            String[] request = line(in).split(" ");
            int length = 0;
            for (String header = line(in); !header.isEmpty(); header = line(in)) {
                length = header.startsWith("Content-Length: ") ? Integer.parseInt(header.substring(16)) : length;
            }
            byte[] body = in.readNBytes(length);
            String method = request[1].substring(request[1].indexOf('.') + 1);
            if (method.equals(hangsAt)) {
                end.await();
                return;
            }
            byte[] answer = JSON.writeValueAsBytes(answer(method, body.length == 0 ? JSON.missingNode() : JSON.readTree(body)));
            // In chunks, as servers in Go answer when they do not know the length.
            String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(answer.length) + "\r\n";
            client.write(ByteBuffer.wrap((head + new String(answer, StandardCharsets.UTF_8) + "\r\n0\r\n\r\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException | InterruptedException gone) {
            // the engine has left
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n' && next >= 0; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private Object answer(String method, JsonNode question) throws IOException {
        String name = question.path("Name").asText();
        String user = question.path("ID").asText();
        if (List.of("Create", "Remove", "Mount", "Unmount").contains(method)) {
            calls.add(method + " " + name + (question.hasNonNull("Opts") ? " " + question.path("Opts") : ""));
        }
        synchronized (users) {
            if (method.equals("Activate")) {
                return Map.of("Implements", List.of("VolumeDriver"));
            } else if (method.equals("Capabilities")) {
                return Map.of("Capabilities", Map.of("Scope", "global"));
            } else if (name.equals("berth-test-refused-" + method)) {
                return Map.of("Err", "no way to " + method);
            } else if (method.equals("Create")) {
                Files.createDirectories(directory.resolve(name));
                users.putIfAbsent(name, new ArrayList<>());
            } else if (method.equals("List")) {
                return Map.of("Volumes", users.keySet().stream().map(this::shown).toList());
            } else if (!users.containsKey(name)) {
                return Map.of("Err", "no volume " + name);
            } else if (method.equals("Get")) {
                return Map.of("Volume", shown(name));
            } else if (method.equals("Remove")) {
                users.remove(name);
            } else if (method.equals("Mount")) {
                if (!users.get(name).contains(user)) {
                    users.get(name).add(user);
                }
                return Map.of("Mountpoint", directory.resolve(name).toString());
            } else if (method.equals("Unmount")) {
                users.get(name).remove(user);
            }
        }
        return Map.of();
    }

    private Map<String, Object> shown(String name) {
        return Map.of("Name", name, "Mountpoint", users.get(name).isEmpty() ? "" : directory.resolve(name).toString(), "Status", Map.of("users", users.get(name).size()));
    }

    @Override
    public void close() {
        end.countDown();
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
