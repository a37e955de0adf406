package io.berth.daemon.dns;

/** Numbers of the protocol: RFC 1035, 2.3.4, 3.2 and 4.1; RFC 3596; RFC 6891. */
final class Dns {

    static final int PORT = 53;
    static final int HEADER = 12;
    static final int LONGEST_NAME = 255;
    static final int LONGEST_LABEL = 63;
    /** What every client takes over udp. */
    static final int SMALLEST_LIMIT = 512;
    /** The length before a message over tcp has 16 bits. */
    static final int LONGEST_MESSAGE = 0xffff;

    // where the header has what
    static final int FLAGS_AT = 2;
    static final int QUESTIONS_AT = 4;
    static final int ANSWERS_AT = 6;
    static final int AUTHORITIES_AT = 8;
    static final int ADDITIONS_AT = 10;

    // flags
    static final int IS_REPLY = 0x8000;
    static final int OPERATION = 0x7800;
    static final int TRUNCATED = 0x0200;
    static final int RECURSION_DESIRED = 0x0100;
    static final int RECURSION_AVAILABLE = 0x0080;
    static final int CODE = 0x000f;

    // codes of replies
    static final int NO_ERROR = 0;
    static final int FORMAT_ERROR = 1;
    static final int SERVER_FAILURE = 2;
    static final int NOT_IMPLEMENTED = 4;
    static final int REFUSED = 5;

    // types
    static final int A = 1;
    static final int PTR = 12;
    static final int AAAA = 28;
    static final int OPT = 41;
    static final int ANY = 255;

    // classes
    static final int IN = 1;
    static final int ANY_CLASS = 255;

    private Dns() {
    }

    static int number16(byte[] message, int at) {
        return (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
    }

    static void put16(byte[] message, int at, int value) {
        message[at] = (byte) (value >> 8);
        message[at + 1] = (byte) value;
    }
}
