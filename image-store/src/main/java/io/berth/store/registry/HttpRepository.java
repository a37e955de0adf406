package io.berth.store.registry;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.RegistryException.Kind;
import io.berth.store.registry.RegistryHost.Capability;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A repository behind one or several hosts: what one does not have or cannot tell, the next is asked for. */
final class HttpRepository implements Repository {

    private static final Logger LOG = LoggerFactory.getLogger(HttpRepository.class);
    private static final int PAGE = 1000;

    private final ImageReference name;
    private final Registries.Access access;
    private final List<HostConnection> hosts;
    /** Connections that may read another repository, too. */
    private final Function<ImageReference, HostConnection> toMount;
    /** How often each blob was read: who reads one again had it broken or wrong, and gets it from the next host. */
    private final Map<Digest, Integer> attempts = new ConcurrentHashMap<>();
    /** Uploads that a registry began because it would not mount. */
    private final Map<Digest, URI> begun = new ConcurrentHashMap<>();

    HttpRepository(ImageReference name, Registries.Access access, List<HostConnection> hosts, Function<ImageReference, HostConnection> toMount) {
        this.name = name;
        this.access = access;
        this.hosts = hosts;
        this.toMount = toMount;
    }

    @Override
    public ImageReference name() {
        return name;
    }

    @Override
    public Descriptor describe(String reference) {
        return first(resolving(reference), host -> {
            HttpResponse<ArrivingBody> response = host.send("HEAD", manifestPath(reference), request -> request.with("Accept", ManifestDocument.ACCEPT));
            Bodies.discard(response);
            // A head has no room for the reason of a refusal, and some registries answer it with less than they know.
            return (response.statusCode() == 200 ? ManifestDocument.describe(response.headers(), reference) : Optional.<Descriptor>empty())
                    .orElseGet(() -> manifest(host, reference).descriptor());
        });
    }

    @Override
    public Document manifest(String reference) {
        return first(resolving(reference), host -> manifest(host, reference));
    }

    private Document manifest(HostConnection host, String reference) {
        return ManifestDocument.read(get(host, manifestPath(reference), request -> request.with("Accept", ManifestDocument.ACCEPT), reference),
                reference, shown(reference));
    }

    @Override
    public InputStream blob(Descriptor descriptor, long from) throws IOException {
        if (from > 0 && from == descriptor.size()) {
            return InputStream.nullInputStream();
        }
        int passedOver = attempts.merge(descriptor.digest(), 1, Integer::sum) - 1;
        HttpResponse<ArrivingBody> response = first(Capability.PULL, passedOver, host -> get(host, blobPath(descriptor.digest()),
                request -> from == 0 ? request : request.with("Range", "bytes=" + from + '-'), ""));
        InputStream body = response.body();
        if (response.statusCode() == 206) {
            requireRange(response, from, descriptor);
            return checked(response, descriptor, descriptor.size() < 0 ? -1 : descriptor.size() - from);
        }
        InputStream whole = checked(response, descriptor, descriptor.size());
        try {
            whole.skipNBytes(from);
        } catch (IOException failure) {
            body.close();
            throw failure;
        }
        return whole;
    }

    @Override
    public Optional<InputStream> part(Descriptor descriptor, long from, long length) throws IOException {
        HttpResponse<ArrivingBody> response = first(Capability.PULL, host -> get(host, blobPath(descriptor.digest()),
                request -> request.with("Range", "bytes=" + from + '-' + (from + length - 1)), ""));
        if (response.statusCode() != 206) {
            response.body().close();
            return Optional.empty();
        }
        requireRange(response, from, descriptor);
        return Optional.of(checked(response, descriptor, length));
    }

    private static void requireRange(HttpResponse<ArrivingBody> response, long from, Descriptor descriptor) throws IOException {
        String range = response.headers().firstValue("Content-Range").orElse("");
        if (!range.startsWith("bytes " + from + '-')) {
            response.body().close();
            throw new IOException("download " + descriptor.digest() + ": asked for what follows byte " + from + ", the registry sends \"" + range + '"');
        }
    }

    private static InputStream checked(HttpResponse<ArrivingBody> response, Descriptor descriptor, long expected) throws IOException {
        long announced = response.headers().firstValueAsLong("Content-Length").orElse(expected);
        if (expected >= 0 && announced != expected) {
            response.body().close();
            throw new IOException("download " + descriptor.digest() + ": the registry sends " + announced + " bytes where there have to be " + expected);
        }
        return new BlobStream(response.body(), descriptor.digest().toString(), expected);
    }

    @Override
    public List<String> tags() {
        return first(Capability.RESOLVE, host -> TagPages.read(get(host, '/' + name.path() + "/tags/list?n=" + PAGE, request -> request, ""),
                next -> answered(host.send(Request.of("GET", next)), ""), name.familiarName()));
    }

    @Override
    public boolean hasBlob(Digest digest) {
        Capability capability = access == Registries.Access.PUSH ? Capability.PUSH : Capability.PULL;
        return first(capability, host -> {
            HttpResponse<ArrivingBody> response = host.send("HEAD", blobPath(digest), request -> request);
            Bodies.discard(response);
            if (response.statusCode() == 404) {
                return false;
            }
            answered(response, "");
            return true;
        });
    }

    @Override
    public boolean mount(Digest digest, ImageReference from) {
        if (!from.domain().equals(name.domain())) {
            return false;
        }
        HostConnection host = toMount.apply(from);
        HttpResponse<ArrivingBody> response;
        try {
            response = host.send("POST", '/' + name.path() + "/blobs/uploads/?mount=" + digest + "&from=" + from.path(), request -> request);
        } catch (RegistryException refused) {
            if (refused.kind() == Kind.UNAVAILABLE) {
                throw refused;
            }
            return false;
        }
        Bodies.discard(response);
        if (response.statusCode() == 202) {
            BlobUpload.location(response).ifPresent(location -> begun.put(digest, location));
        }
        return response.statusCode() == 201;
    }

    @Override
    public void upload(Digest digest, long size, Content content, Sent progress) {
        first(Capability.PUSH, host -> {
            BlobUpload upload = new BlobUpload(host, '/' + name.path() + "/blobs/uploads/", digest, size, content, progress);
            try {
                upload.run(Optional.ofNullable(begun.remove(digest)));
            } catch (RegistryException failure) {
                // The last request may have been heard, and only its answer lost.
                if (Thread.currentThread().isInterrupted() || failure.kind() != Kind.NOT_FOUND || !hasBlob(digest)) {
                    throw failure;
                }
            }
            return true;
        });
    }

    @Override
    public void putManifest(String reference, Document document) {
        first(Capability.PUSH, host -> {
            HttpResponse<ArrivingBody> response = host.send("PUT", manifestPath(reference),
                    request -> request.with("Content-Type", document.descriptor().mediaType())
                            .withBody(() -> BodyPublishers.ofByteArray(document.content()), () -> 0));
            answered(response, reference);
            Bodies.discard(response);
            String told = response.headers().firstValue("Docker-Content-Digest").orElse("");
            if (Digest.isDigest(told) && !Digest.parse(told).equals(document.descriptor().digest())) {
                throw new RegistryException(Kind.INVALID, "push the manifest of " + shown(reference) + ": the registry keeps it as " + told
                        + " instead of " + document.descriptor().digest());
            }
            return true;
        });
    }

    private HttpResponse<ArrivingBody> get(HostConnection host, String path, UnaryOperator<Request> more, String reference) {
        return answered(host.send("GET", path, more), reference);
    }

    /** Only answers that are what was asked for. */
    private HttpResponse<ArrivingBody> answered(HttpResponse<ArrivingBody> response, String reference) {
        if (response.statusCode() >= 200 && response.statusCode() < 300) {
            return response;
        }
        Refusal refusal = Refusal.of(response);
        if (access == Registries.Access.PUSH) {
            throw refusal.exception();
        }
        // The reference's sentences, which clients look for; what the registry said is their cause.
        String familiar = name.familiarName();
        throw switch (refusal.kind()) {
            case DENIED -> missing("pull access denied for " + familiar + ", repository does not exist or may require 'docker login'", refusal);
            case NOT_FOUND -> refusal.code().equals("NAME_UNKNOWN") ? missing("repository " + familiar + " not found", refusal)
                    : reference.isEmpty() ? refusal.exception() : missing("manifest for " + shown(reference) + " not found", refusal);
            case NO_CREDENTIALS, UNAUTHORIZED, TOO_MANY_REQUESTS, UNAVAILABLE, INVALID -> refusal.exception();
        };
    }

    private static RegistryException missing(String what, Refusal refusal) {
        return new RegistryException(Kind.NOT_FOUND, what + ": " + refusal.message(), refusal.exception());
    }

    private <T> T first(Capability capability, Function<HostConnection, T> question) {
        return first(capability, 0, question);
    }

    /**
     * The first host's answer. A mirror that fails is passed over; what the registry itself says, or the last that can be asked,
     * is what the caller gets.
     */
    private <T> T first(Capability capability, int skipped, Function<HostConnection, T> question) {
        List<HostConnection> able = hosts.stream().filter(host -> host.host().can(capability)).toList();
        if (able.isEmpty()) {
            throw new RegistryException(Kind.UNAVAILABLE, "no host of " + name.domain() + " may be used to " + capability.name().toLowerCase(Locale.ROOT));
        }
        int last = able.size() - 1;
        for (HostConnection mirror : able.subList(Math.min(skipped, last), last)) {
            try {
                return question.apply(mirror);
            } catch (RegistryException passedOver) {
                if (Thread.currentThread().isInterrupted() || capability == Capability.PUSH) {
                    throw passedOver;
                }
                LOG.debug("{} is passed over", mirror.host().base(), passedOver);
            }
        }
        return question.apply(able.getLast());
    }

    /** Before a push what counts is what the registry itself has. */
    private Capability resolving(String reference) {
        return access == Registries.Access.PUSH ? Capability.PUSH : Digest.isDigest(reference) ? Capability.PULL : Capability.RESOLVE;
    }

    private String shown(String reference) {
        return name.familiarName() + (Digest.isDigest(reference) ? '@' : ':') + reference;
    }

    private String manifestPath(String reference) {
        return '/' + name.path() + "/manifests/" + reference;
    }

    private String blobPath(Digest digest) {
        return '/' + name.path() + "/blobs/" + digest;
    }
}
