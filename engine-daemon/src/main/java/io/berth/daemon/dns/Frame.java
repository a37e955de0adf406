package io.berth.daemon.dns;

import java.util.Arrays;

/** One message over tcp as it arrives, piece by piece: two bytes of length, then the message (RFC 1035, 4.2.2). */
final class Frame {

    /** What became of a read. */
    enum Progress { MORE, COMPLETE, BROKEN }

    private static final int PREFIX = 2;

    private final int longest;
    private byte[] bytes = new byte[PREFIX];
    private int filled;

    /** @param longest a message that claims to be longer breaks the frame before memory is taken for it */
    Frame(int longest) {
        this.longest = longest;
    }

    /** How much to read at most: never a byte of the next message. */
    int wanted() {
        return bytes.length - filled;
    }

    boolean isEmpty() {
        return filled == 0;
    }

    /** Takes what was read. */
    Progress take(byte[] piece) {
        System.arraycopy(piece, 0, bytes, filled, piece.length);
        filled += piece.length;
        if (filled == PREFIX && bytes.length == PREFIX) {
            int length = Dns.number16(bytes, 0);
            if (length < Dns.HEADER || length > longest) {
                return Progress.BROKEN;
            }
            bytes = Arrays.copyOf(bytes, PREFIX + length);
        }
        return bytes.length > PREFIX && filled == bytes.length ? Progress.COMPLETE : Progress.MORE;
    }

    /** The message of a complete frame; the next one begins. */
    byte[] message() {
        byte[] message = Arrays.copyOfRange(bytes, PREFIX, bytes.length);
        bytes = new byte[PREFIX];
        filled = 0;
        return message;
    }

    /** A message with its length in front. */
    static byte[] around(byte[] message) {
        byte[] frame = new byte[PREFIX + message.length];
        Dns.put16(frame, 0, message.length);
        System.arraycopy(message, 0, frame, PREFIX, message.length);
        return frame;
    }
}
