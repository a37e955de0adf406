package io.berth.store.registry;

import io.berth.store.content.Digest;
import io.berth.store.registry.RegistryException.Kind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One blob on its way into a registry: an upload is begun (POST), filled (PATCH) and closed with its digest (PUT). A small one is
 * filled by closing it. When the connection breaks, the registry is asked how far it came, and gets the rest.
 */
final class BlobUpload {

    private static final int SMALL = 1 << 20;
    private static final Pattern RECEIVED = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

    private final HostConnection host;
    private final String uploads;
    private final Digest digest;
    private final long size;
    private final Repository.Content content;
    private final Repository.Sent progress;
    private final AtomicLong moved = new AtomicLong();

    BlobUpload(HostConnection host, String uploads, Digest digest, long size, Repository.Content content, Repository.Sent progress) {
        this.host = host;
        this.uploads = uploads;
        this.digest = digest;
        this.size = size;
        this.content = content;
        this.progress = progress;
    }

    /** @param begun where to go on, when the registry has begun an upload already */
    void run(Optional<URI> begun) {
        URI location = begun.orElseGet(this::begin);
        if (size <= SMALL) {
            close(location, 0);
            return;
        }
        close(fill(location), size);
    }

    private URI begin() {
        HttpResponse<ArrivingBody> response = host.send("POST", uploads, request -> request);
        return next(response, 202);
    }

    private URI fill(URI start) {
        URI location = start;
        long from = 0;
        for (int attempt = 1;; attempt++) {
            Request request = sending(Request.of("PATCH", location).with("Content-Range", from + "-" + (size - 1)), from);
            try {
                return next(host.sendOnce(request), 202);
            } catch (RegistryException broken) {
                boolean mayPass = broken.kind() == Kind.UNAVAILABLE || broken.kind() == Kind.NOT_FOUND;
                if (!mayPass || attempt >= host.patience().attempts() || Thread.currentThread().isInterrupted()) {
                    throw broken;
                }
                Transport.pause(request, host.patience().pauseBefore(attempt + 1));
            }
            Optional<Progress> known = ask(location);
            location = known.map(Progress::location).orElseGet(this::begin);
            from = known.map(Progress::received).orElse(0L);
            if (from == size) {
                return location;
            }
        }
    }

    private record Progress(URI location, long received) {}

    /** How far the registry came; empty when it has forgotten the upload, or had nothing of it. */
    private Optional<Progress> ask(URI location) {
        HttpResponse<ArrivingBody> response = host.send(Request.of("GET", location));
        Bodies.discard(response);
        Matcher received = RECEIVED.matcher(response.headers().firstValue("Range").orElse(""));
        if (response.statusCode() != 204 || !received.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(received.group(1)) + 1;
        // "0-0" is said of nothing as well as of one byte.
        return count <= 1 || count > size ? Optional.empty() : Optional.of(new Progress(location(response).orElse(location), count));
    }

    private void close(URI location, long from) {
        String query = location.getRawQuery();
        Request request = sending(Request.of("PUT", URI.create(location + (query == null ? "?" : "&") + "digest=" + digest)), from);
        HttpResponse<ArrivingBody> response = host.send(request);
        if (response.statusCode() != 201 && response.statusCode() != 204) {
            throw Refusal.of(response).exception();
        }
        Bodies.discard(response);
        progress.bytes(size);
    }

    private Request sending(Request request, long from) {
        return request.with("Content-Type", "application/octet-stream").withBody(() -> body(from), moved::get);
    }

    private BodyPublisher body(long from) {
        if (from == size) {
            return BodyPublishers.noBody();
        }
        return BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> {
            try {
                InputStream in = content.open();
                in.skipNBytes(from);
                return new Counted(in, from);
            } catch (IOException failure) {
                throw new UncheckedIOException("read " + digest + " to upload it", failure);
            }
        }), size - from);
    }

    private URI next(HttpResponse<ArrivingBody> response, int expected) {
        if (response.statusCode() == 416) {
            throw new RegistryException(Kind.UNAVAILABLE, "upload " + digest + ": " + Refusal.of(response).message());
        }
        if (response.statusCode() != expected) {
            throw Refusal.of(response).exception();
        }
        Bodies.discard(response);
        return location(response).orElseThrow(() -> new RegistryException(Kind.INVALID,
                "upload " + digest + ": the registry does not say where to go on"));
    }

    /**
     * Where an upload goes on. Registries behind something that decrypts for them give addresses without encryption: the host
     * itself is never left for one.
     */
    static Optional<URI> location(HttpResponse<ArrivingBody> response) {
        return response.headers().firstValue("Location").map(location -> {
            try {
                URI here = response.uri();
                URI target = Transport.resolve(here, location);
                if (!Origin.of(here).isEncrypted() || Origin.of(target).isEncrypted()) {
                    return target;
                }
                if (!here.getHost().equalsIgnoreCase(target.getHost())) {
                    throw new RegistryException(Kind.INVALID, "refused to go on with an upload in plain text, at " + target.getAuthority());
                }
                return URI.create("https://" + here.getRawAuthority() + target.getRawPath()
                        + (target.getRawQuery() == null ? "" : '?' + target.getRawQuery()));
            } catch (IOException nowhere) {
                throw new RegistryException(Kind.INVALID, "go on with an upload: " + nowhere.getMessage(), nowhere);
            }
        });
    }

    private final class Counted extends FilterInputStream {

        private long sent;

        Counted(InputStream in, long from) {
            super(in);
            sent = from;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            if (count > 0) {
                sent += count;
                moved.addAndGet(count);
                progress.bytes(sent);
            }
            return count;
        }
    }
}
