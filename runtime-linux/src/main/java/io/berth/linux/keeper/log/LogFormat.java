package io.berth.linux.keeper.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The bytes of a log: docs/formats/log-spool.md. A segment is a head and records; a record is one chunk of output as it was
 * read, with its length at both ends so that it can be walked either way.
 */
final class LogFormat {

    /** {@code BERTHLOG}, then the version and four zero bytes. */
    static final long SEGMENT_MAGIC = 0x474f_4c48_5452_4542L;
    static final int VERSION = 1;
    static final int SEGMENT_HEAD = 16;

    // the head of a record; all numbers are little endian
    static final int RECORD_MAGIC = 0x3152_4c42;
    static final int MAGIC = 0;
    static final int CRC = 4;
    static final int LENGTH = 8;
    /** How many bytes of the stream's line came before this chunk, modulo 2^32: 0 where a line begins. */
    static final int CARRY = 12;
    static final int TIME = 16;
    static final int STREAM = 24;
    static final int RECORD_HEAD = 28;
    /** The length of the whole record once more. */
    static final int RECORD_TAIL = 4;
    static final int RECORD_EXTRA = RECORD_HEAD + RECORD_TAIL;

    // the streams: the two outputs, and the mark that a process has ended with unfinished lines, whose data is the carry of
    // standard output and that of standard error
    static final int MARK = 0;
    static final int STDOUT = 1;
    static final int STDERR = 2;
    static final int STREAMS = 3;
    static final int MARK_LENGTH = 8;

    /** A chunk is one read of at most this many bytes. */
    static final int LARGEST_CHUNK = 64 * 1024;
    static final int LARGEST_RECORD = LARGEST_CHUNK + RECORD_EXTRA;

    static final String SUFFIX = ".log";

    private LogFormat() {
    }

    /** Of everything between the CRC itself and the tail. */
    static int crc(ByteBuffer bytes, int record, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes.duplicate().position(record + LENGTH).limit(record + RECORD_HEAD + length));
        return (int) crc.getValue();
    }

    /** The length of a whole and sound record at {@code at}, 0 when there is none before {@code end}. */
    static int check(ByteBuffer bytes, int at, int end) {
        if (end - at < RECORD_EXTRA || bytes.getInt(at + MAGIC) != RECORD_MAGIC) {
            return 0;
        }
        int length = bytes.getInt(at + LENGTH);
        if (length < 0 || length > LARGEST_CHUNK || length + RECORD_EXTRA > end - at) {
            return 0;
        }
        boolean sound = bytes.getInt(at + RECORD_HEAD + length) == length + RECORD_EXTRA
                && bytes.getInt(at + CRC) == crc(bytes, at, length);
        return sound ? length + RECORD_EXTRA : 0;
    }
}
