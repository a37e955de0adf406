package io.berth.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end, with all they printed captured and a limit on their time. */
public final class Commands {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** How a program ended and what it printed. */
    public record Result(List<String> command, int code, String out, String err) {

        /** What it printed, when it succeeded; a failure of the test with everything it said otherwise. */
        public String succeeded() {
            if (code != 0) {
                throw new AssertionError("exit code " + code + " from " + String.join(" ", command) + "\n" + out + err);
            }
            return out;
        }
    }

    private Commands() {
    }

    public static Result run(String... command) {
        return run(Map.of(), new byte[0], List.of(command));
    }

    static Result run(Map<String, String> environment, byte[] input, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            Process process = builder.start();
            CompletableFuture<String> out = text(process.getInputStream());
            CompletableFuture<String> err = text(process.getErrorStream());
            feed(process.getOutputStream(), input);
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after " + LIMIT + ": " + String.join(" ", command) + "\n" + out.join() + err.join());
            }
            return new Result(command, process.exitValue(), out.join(), err.join());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("interrupted while running " + command, interrupted);
        }
    }

    private static CompletableFuture<String> text(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException failure) {
                text.completeExceptionally(failure);
            }
        });
        return text;
    }

    /** A program may leave without reading its input: that is its right. */
    private static void feed(OutputStream stream, byte[] input) throws IOException {
        try (stream) {
            stream.write(input);
        } catch (IOException closed) {
            if (input.length == 0) {
                throw closed;
            }
        }
    }
}
