package io.berth.api.wire.image;

import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;

/**
 * One of the manifests that an image came with.
 *
 * @param id its digest
 * @param available whether everything it names is here
 * @param kind {@code image}, {@code attestation} or {@code unknown}
 * @param imageData of an image only, else null
 * @param attestationData of an attestation only, else null
 */
public record ManifestSummary(@WireName("ID") String id, ImageDescriptor descriptor, boolean available, Size size, String kind,
                              @OmitEmpty ImageData imageData, @OmitEmpty AttestationData attestationData) {

    /**
     * In bytes.
     *
     * @param content of the documents and layers as they came
     * @param total with the unpacked layers
     */
    public record Size(long content, long total) {
    }

    /** @param containers the ids of those that were made from it */
    public record ImageData(ImageDescriptor.OciPlatform platform, Unpacked size, @NullWhenEmpty List<String> containers) {
    }

    /** @param unpacked bytes that the unpacked layers take on the disk */
    public record Unpacked(long unpacked) {
    }

    /** @param attested the digest of the manifest it speaks of */
    public record AttestationData(@WireName("For") String attested) {
    }
}
