package io.berth.store.layer;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.berth.store.content.StoreException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/** How a tar may be wrapped, told by its first bytes; what anybody says about it in media types and names is not asked. */
public enum Compression {
    NONE, GZIP, ZSTD, BZIP2, XZ;

    private static final int BUFFER = 256 * 1024;
    private static final int LONGEST_MAGIC = 6;

    /** The content of {@code in}, unwrapped and buffered. Closing it closes {@code in}. */
    public static InputStream unwrap(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
        return switch (of(buffered)) {
            case NONE -> buffered;
            case GZIP -> new BufferedInputStream(new GZIPInputStream(buffered, BUFFER), BUFFER);
            case ZSTD -> new BufferedInputStream(new ZstdInputStreamNoFinalizer(buffered), BUFFER);
            case BZIP2 -> new BufferedInputStream(new BZip2CompressorInputStream(buffered, true), BUFFER);
            case XZ -> new BufferedInputStream(XzContent.open(buffered), BUFFER);
        };
    }

    /** The content as layers are kept: what no manifest has a name for, and readers do not know, is unwrapped. Closing it closes {@code in}. */
    public static InputStream unwrapUncommon(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
        return switch (of(buffered)) {
            case NONE, GZIP, ZSTD -> buffered;
            case BZIP2, XZ -> unwrap(buffered);
        };
    }

    /** The same as {@link #unwrap}, and {@code in} stays open when the result is closed, which it has to be: decoders hold memory until then. */
    public static InputStream unwrapOnly(InputStream in) throws IOException {
        return unwrap(new FilterInputStream(in) {
            @Override
            public void close() {
                // whoever opened it closes it
            }
        });
    }

    /** How the content is wrapped. Closes {@code in}. */
    public static Compression detect(InputStream in) throws IOException {
        try (BufferedInputStream buffered = new BufferedInputStream(in, LONGEST_MAGIC)) {
            return of(buffered);
        }
    }

    /** Whether reading failed because of what was read, not because of where it came from. */
    public static boolean isContentsFault(IOException failure) {
        return failure instanceof EOFException || failure instanceof ZipException || failure instanceof ZstdIOException
                || XzContent.isContentsFault(failure);
    }

    /** The refusal of a stream that {@link #isContentsFault}. */
    public static StoreException refusal(IOException failure) {
        return StoreException.invalid(failure instanceof EOFException ? "unexpected EOF"
                : "decompress: " + failure.getMessage(), failure);
    }

    /** Reads no further than it has to: the rest may not have come yet. */
    private static Compression of(BufferedInputStream in) throws IOException {
        in.mark(LONGEST_MAGIC);
        byte[] magic = in.readNBytes(LONGEST_MAGIC);
        in.reset();
        if (begins(magic, 0x1f, 0x8b, 0x08)) {
            return GZIP;
        }
        if (begins(magic, 0x28, 0xb5, 0x2f, 0xfd)) {
            return ZSTD;
        }
        if (begins(magic, 'B', 'Z', 'h')) {
            return BZIP2;
        }
        return begins(magic, 0xfd, '7', 'z', 'X', 'Z', 0) ? XZ : NONE;
    }

    private static boolean begins(byte[] bytes, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
