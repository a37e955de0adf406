package io.berth.store.archive;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.layer.Compression;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What a layer's blob is called in a manifest (OCI image specification, "layer.md"), by what it is. */
public final class LayerType {

    private static final String TAR = "application/vnd.oci.image.layer.v1.tar";

    private LayerType() {}

    /** There are no names for tars in bzip2 and xz; whoever reads them looks at their first bytes, as we do. */
    public static String of(BlobStore blobs, Digest layer) {
        try {
            return TAR + switch (Compression.detect(blobs.read(layer))) {
                case NONE, BZIP2, XZ -> "";
                case GZIP -> "+gzip";
                case ZSTD -> "+zstd";
            };
        } catch (IOException failure) {
            throw new UncheckedIOException("read layer " + layer + ": " + failure.getMessage(), failure);
        }
    }
}
