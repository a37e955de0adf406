package io.berth.linux.keeper.log;

import java.util.Arrays;

/**
 * Makes lines of one stream's chunks. A piece ends at a newline, or where {@link LogLine#LONGEST} bytes have come without
 * one. Carry counts the bytes of the line so far, so its remainder is the length of the unfinished piece.
 */
final class LineAssembler {

    private final int stream;
    private final LogSink sink;
    private final byte[] piece = new byte[LogLine.LONGEST + 1];
    private int length;
    private int carry;
    /** The time of the line's first piece, -1 while it has none. */
    private long firstTime = -1;
    private boolean begun;

    LineAssembler(int stream, LogSink sink) {
        this.stream = stream;
        this.sink = sink;
    }

    /** Whether a chunk has been seen: before that, a line's beginning must be fetched from earlier records. */
    boolean begun() {
        return begun;
    }

    /** Says what came before the first chunk: the last bytes of the unfinished piece, as far as they still exist. */
    void begin(byte[] before, int lineCarry) {
        begun = true;
        length = before.length;
        carry = lineCarry;
        System.arraycopy(before, 0, piece, 0, length);
    }

    /** Adds {@code data} from {@code from} on, whose line had {@code chunkCarry} bytes before it. */
    void add(byte[] data, int from, int chunkCarry, long timeNanos) {
        if (chunkCarry != carry) {
            // Chunks are missing in between: a keeper was killed, or the disk was full.
            finish(timeNanos);
            carry = chunkCarry;
        }
        int at = from;
        while (at < data.length) {
            int end = segmentEnd(data, at, carry);
            System.arraycopy(data, at, piece, length, end - at);
            length += end - at;
            carry = carryAt(data, at, end, carry);
            at = end;
            if (endsPiece(carry)) {
                emit(timeNanos, carry == 0);
            }
        }
    }

    /** Delivers an unfinished line as it is: nothing will be added to it. */
    void finish(long timeNanos) {
        if (length > 0) {
            emit(timeNanos, true);
        }
        carry = 0;
        firstTime = -1;
    }

    private void emit(long timeNanos, boolean last) {
        long time = firstTime < 0 ? timeNanos : firstTime;
        firstTime = last ? -1 : time;
        byte[] bytes = Arrays.copyOf(piece, length);
        length = 0;
        sink.line(new LogLine(stream, time, bytes));
    }

    /** Where the pieces end in a chunk whose line had {@code carry} bytes before it. */
    static int[] pieceEnds(byte[] data, int carry) {
        int[] ends = new int[16];
        int count = 0;
        int lineCarry = carry;
        for (int at = 0; at < data.length; ) {
            int end = segmentEnd(data, at, lineCarry);
            lineCarry = carryAt(data, at, end, lineCarry);
            at = end;
            if (endsPiece(lineCarry)) {
                ends = count == ends.length ? Arrays.copyOf(ends, 2 * count) : ends;
                ends[count++] = end;
            }
        }
        return Arrays.copyOf(ends, count);
    }

    /** Whether a line of so many bytes has no unfinished piece. */
    static boolean endsPiece(int carry) {
        return Integer.remainderUnsigned(carry, LogLine.LONGEST) == 0;
    }

    /** The next end of a piece in the data, or the data's end. */
    private static int segmentEnd(byte[] data, int at, int carry) {
        int end = Math.min(data.length, at + LogLine.LONGEST - Integer.remainderUnsigned(carry, LogLine.LONGEST));
        for (int i = at; i < end; i++) {
            if (data[i] == '\n') {
                return i + 1;
            }
        }
        return end;
    }

    /** The carry at {@code end}, when it was {@code carry} at {@code at} and there is no newline before the last byte. */
    static int carryAt(byte[] data, int at, int end, int carry) {
        return data[end - 1] == '\n' ? 0 : carry + end - at;
    }
}
