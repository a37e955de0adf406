package io.berth.store.registry;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * One repository of a registry as one request sees it: with that request's credentials, through the hosts that serve it. Source
 * of the protocol: OCI distribution specification 1.1.
 *
 * <p>Every method blocks, and fails with a {@link RegistryException}. What may help to be repeated was repeated before that: a
 * connection that broke, 5xx, 429 with its Retry-After. An interrupted thread ends its request soon. Thread-safe.
 */
public interface Repository {

    /** Which repository; its tag and digest mean nothing here. */
    ImageReference name();

    /**
     * What a tag or a digest leads to, for the price of one small request.
     *
     * @param reference a tag, or {@code sha256:…}
     * @throws RegistryException not found
     */
    Descriptor describe(String reference);

    /**
     * A manifest or an index, verified: it has the digest that was asked for, or, when a tag was, the one the registry gave with
     * it; at most 4 MiB.
     */
    Document manifest(String reference);

    /**
     * A manifest as it came.
     *
     * @param descriptor with the media type the registry gave
     */
    record Document(Descriptor descriptor, byte[] content) {}

    /**
     * A blob from a position on, not verified: that is for whoever hashes it. Fails with an {@link IOException} when the
     * connection breaks, when nothing comes for some time, and when there are more or fewer bytes than the descriptor says;
     * reading on from where it broke is the caller's affair. Where a registry has mirrors, a second reading of the same blob
     * comes from the next of them.
     *
     * @param from in bytes. A server that cannot begin there makes this read and drop what is before.
     */
    InputStream blob(Descriptor descriptor, long from) throws IOException;

    /**
     * A part of a blob, when the server can do that.
     *
     * @param length in bytes, at least 1, within the blob
     * @return empty when it always sends the whole
     */
    Optional<InputStream> part(Descriptor descriptor, long from, long length) throws IOException;

    /** All tags, in the registry's order. */
    List<String> tags();

    boolean hasBlob(Digest digest);

    /**
     * Makes a blob of another repository of the same registry one of this.
     *
     * @return false when the registry does not do that, and the blob has to be uploaded
     */
    boolean mount(Digest digest, ImageReference from);

    /**
     * Uploads a blob, from its beginning again when something breaks.
     *
     * @param content opened once for each attempt
     * @param progress told the bytes sent so far, of the attempt that goes on
     */
    void upload(Digest digest, long size, Content content, Sent progress);

    /** Where a blob to upload is read from. */
    interface Content {
        InputStream open() throws IOException;
    }

    /** Told how far an upload is. */
    interface Sent {
        void bytes(long count);
    }

    /**
     * @param reference a tag, or the document's own digest
     */
    void putManifest(String reference, Document document);
}
