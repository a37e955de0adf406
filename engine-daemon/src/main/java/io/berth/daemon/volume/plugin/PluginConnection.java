package io.berth.daemon.volume.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a plugin: one POST with JSON, on a connection of its own. Each question has a thread of its own as well, so that who asks can
 * leave when the time is over, whatever the connection is doing.
 */
final class PluginConnection {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TYPE = "application/vnd.docker.plugins.v1.2+json";
    /** A plugin that is being started again has so long. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration FIRST_WAIT = Duration.ofMillis(250);

    private final PluginAddress address;

    PluginConnection(PluginAddress address) {
        this.address = address;
    }

    /**
     * The answer to a question.
     *
     * @param method such as {@code VolumeDriver.Mount}
     * @param limit from the connection to the last byte of the answer
     * @throws PluginException when nobody listens, or the answer is late, a refusal, or nonsense
     */
    JsonNode ask(String method, Map<String, ?> question, Duration limit) {
        try {
            return once(method, question, limit);
        } catch (IOException failure) {
            throw unreachable(method, failure);
        }
    }

    /** The same for what matters more than time: when nobody listens it is tried again for a while. */
    JsonNode askPatiently(String method, Map<String, ?> question, Duration limit) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (Duration wait = FIRST_WAIT; ; wait = wait.multipliedBy(2)) {
            try {
                return once(method, question, limit);
            } catch (NobodyListens failure) {
                if (System.nanoTime() + wait.toNanos() > deadline) {
                    throw unreachable(method, failure);
                }
                pause(wait, method, failure);
            } catch (IOException failure) {
                throw unreachable(method, failure);
            }
        }
    }

    /** Nothing tells that a plugin has begun to listen; to ask is the only way to know. An interrupt ends the wait. */
    private void pause(Duration wait, String method, IOException failure) {
        try {
            Thread.sleep(wait);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw unreachable(method, failure);
        }
    }

    /** Nothing has been sent. */
    private static final class NobodyListens extends IOException {
        NobodyListens(IOException cause) {
            super("connect: " + cause.getMessage(), cause);
        }
    }

    private JsonNode once(String method, Map<String, ?> question, Duration limit) throws IOException {
        boolean local = address.address() instanceof UnixDomainSocketAddress;
        try (SocketChannel channel = local ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open()) {
            CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
            Thread.ofPlatform().daemon().name("plugin " + method).start(() -> {
                try {
                    answer.complete(exchange(channel, method, question));
                } catch (IOException | RuntimeException failure) {
                    answer.completeExceptionally(failure);
                }
            });
            return content(method, answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            // The channel is closed by now, and so the thread ends.
            throw new PluginException(PluginException.Kind.LATE, "Post \"" + address.text() + "/" + method + "\": no answer within "
                    + limit.toSeconds() + " s", late);
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case IOException io -> throw io;
                case UncheckedIOException io -> throw io.getCause();
                default -> throw new IOException(failed.getCause());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    private HttpAnswer exchange(SocketChannel channel, String method, Map<String, ?> question) throws IOException {
        try {
            channel.connect(address.address());
        } catch (IOException | RuntimeException refused) {
            throw new NobodyListens(refused instanceof IOException io ? io : new IOException("no address: " + refused, refused));
        }
        byte[] body = question.isEmpty() ? new byte[0] : JSON.writeValueAsBytes(question);
        String head = "POST /" + method + " HTTP/1.1\r\nHost: plugin.moby.localhost\r\nUser-Agent: berth\r\nAccept: " + TYPE + "\r\nContent-Type: " + TYPE
                + "\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n";
        ByteBuffer request = ByteBuffer.allocate(head.length() + body.length).put(head.getBytes(StandardCharsets.US_ASCII)).put(body).flip();
        while (request.hasRemaining()) {
            channel.write(request);
        }
        return HttpAnswer.read(channel);
    }

    /** Plugins say what went wrong in a field {@code Err}, with any status; some write plain text. */
    private static JsonNode content(String method, HttpAnswer answer) {
        JsonNode json = json(answer.body());
        String error = json.path("Err").asText("");
        if (answer.status() != 200) {
            throw new PluginException(PluginException.Kind.REFUSED, method + ": "
                    + (error.isEmpty() ? new String(answer.body(), StandardCharsets.UTF_8).strip() : error));
        }
        if (!error.isEmpty()) {
            throw new PluginException(PluginException.Kind.REFUSED, error);
        }
        if (!json.isObject()) {
            throw new PluginException(PluginException.Kind.REFUSED, method + ": the answer is no JSON object");
        }
        return json;
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException noJson) {
            return JSON.missingNode();
        }
    }

    private PluginException unreachable(String method, IOException failure) {
        return new PluginException(PluginException.Kind.UNREACHABLE, "Post \"" + address.text() + "/" + method + "\": " + failure.getMessage(), failure);
    }
}
