package io.berth.store.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** So many bytes and no others: the end before them is a failure, and so is anything after. */
final class BlobStream extends FilterInputStream {

    private final String what;
    private long missing;

    /** @param missing in bytes, or -1 when nobody knows */
    BlobStream(InputStream in, String what, long missing) {
        super(in);
        this.what = what;
        this.missing = missing;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = super.read(target, offset, length);
        if (missing < 0) {
            return count;
        }
        if (count < 0 && missing > 0) {
            throw new IOException("download " + what + ": it ends " + missing + " bytes too early");
        }
        if (count > missing) {
            close();
            throw new IOException("download " + what + ": the registry sends more than its size");
        }
        missing -= Math.max(count, 0);
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        return count <= 0 ? 0 : Math.max(0, read(new byte[(int) Math.min(count, 64 << 10)]));
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
