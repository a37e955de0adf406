package io.berth.store.durable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The bytes of a journal, as in docs/formats/journal.md. All numbers are little-endian.
 *
 * <pre>
 * file    magic "BERTHJ01"   generation u64   zeros to 64      records…   zeros
 * record  length u32   checksum u32   synced u64   payload   zeros to a multiple of 8
 * </pre>
 */
final class JournalFormat {

    static final int HEADER_SIZE = 64;
    static final int RECORD_HEADER_SIZE = 16;
    static final int LARGEST_PAYLOAD = 16 * 1024 * 1024;
    static final byte[] MAGIC = {'B', 'E', 'R', 'T', 'H', 'J', '0', '1'};

    private JournalFormat() {}

    /**
     * A record as found.
     *
     * @param synced the offset below which the file was durable when this was written
     * @param end the offset of the next record
     */
    record Found(byte[] payload, long synced, int end) {}

    static int sizeOf(int payload) {
        return RECORD_HEADER_SIZE + (payload + 7 & ~7);
    }

    static ByteBuffer record(long generation, long offset, long synced, byte[] payload) {
        ByteBuffer record = little(sizeOf(payload.length));
        record.putInt(payload.length).putInt(checksum(generation, offset, synced, payload)).putLong(synced).put(payload);
        return record.rewind();
    }

    /** The record at {@code offset}, or null when there is none that is whole. */
    static Found find(ByteBuffer file, long generation, int offset) {
        if (offset + RECORD_HEADER_SIZE > file.limit()) {
            return null;
        }
        int length = file.getInt(offset);
        if (length <= 0 || length > LARGEST_PAYLOAD || length > file.limit() - offset - RECORD_HEADER_SIZE) {
            return null;
        }
        byte[] payload = new byte[length];
        file.get(offset + RECORD_HEADER_SIZE, payload);
        long synced = file.getLong(offset + 8);
        boolean whole = file.getInt(offset + 4) == checksum(generation, offset, synced, payload);
        return whole ? new Found(payload, synced, offset + sizeOf(length)) : null;
    }

    /** Covers where the record stands and in which file, so that neither a stale nor a moved record passes for a valid one. */
    private static int checksum(long generation, long offset, long synced, byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(little(28).putLong(generation).putLong(offset).putLong(synced).putInt(payload.length).rewind());
        crc.update(payload);
        return (int) crc.getValue();
    }

    static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
