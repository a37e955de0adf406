package io.berth.daemon.dns;

import java.util.Arrays;
import java.util.Locale;

/**
 * Reads what containers send. Any bytes may come: each is looked at once, nothing is believed about lengths, and nothing is
 * allocated for what a message only claims to contain.
 */
final class QueryReader {

    /** Thrown and caught in this class alone: the message ends where it should go on, or breaks a rule. */
    private static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Malformed() {
            super("malformed", null, false, false);
        }
    }

    // as much as a query has that the reference takes: a zone transfer's record, OPT and TSIG
    private static final int MOST_ANSWERS = 1;
    private static final int MOST_AUTHORITIES = 1;
    private static final int MOST_ADDITIONS = 2;
    private static final int POINTER = 0xc0;

    private final byte[] message;
    private int at = Dns.HEADER;

    private QueryReader(byte[] message) {
        this.message = message;
    }

    static Arrival read(byte[] message) {
        if (message.length < Dns.HEADER || (Dns.number16(message, Dns.FLAGS_AT) & Dns.IS_REPLY) != 0) {
            return new Arrival.Nothing();
        }
        if ((Dns.number16(message, Dns.FLAGS_AT) & Dns.OPERATION) != 0) {
            return new Arrival.Refused(Reply.toNoQuestion(message, Dns.NOT_IMPLEMENTED));
        }
        try {
            return new Arrival.Asked(new QueryReader(message).query());
        } catch (Malformed malformed) {
            return new Arrival.Refused(Reply.toNoQuestion(message, Dns.FORMAT_ERROR));
        }
    }

    private Query query() {
        int answers = Dns.number16(message, Dns.ANSWERS_AT);
        int authorities = Dns.number16(message, Dns.AUTHORITIES_AT);
        int additions = Dns.number16(message, Dns.ADDITIONS_AT);
        if (Dns.number16(message, Dns.QUESTIONS_AT) != 1 || answers > MOST_ANSWERS || authorities > MOST_AUTHORITIES
                || additions > MOST_ADDITIONS) {
            throw new Malformed();
        }
        String name = name();
        int type = number16();
        int dnsClass = number16();
        int questionEnd = at;
        for (int i = 0; i < answers + authorities; i++) {
            skipRecord();
        }
        int payload = 0;
        for (int i = 0; i < additions; i++) {
            payload = Math.max(payload, skipRecord());
        }
        return new Query(Arrays.copyOf(message, at), name, type, dnsClass, questionEnd, payload);
    }

    /** The first name of a message can point nowhere, so it has no pointers. */
    private String name() {
        StringBuilder name = new StringBuilder();
        int start = at;
        for (int length = number8(); length != 0; length = number8()) {
            if (length > Dns.LONGEST_LABEL || at + length + 1 - start > Dns.LONGEST_NAME) {
                throw new Malformed();
            }
            if (!name.isEmpty()) {
                name.append('.');
            }
            for (int i = 0; i < length; i++) {
                append(name, number8());
            }
        }
        return name.toString();
    }

    private static void append(StringBuilder name, int letter) {
        if (letter <= ' ' || letter > '~' || letter == '.' || letter == '\\') {
            name.append(String.format(Locale.ROOT, "\\%03d", letter));
        } else {
            name.append(letter >= 'A' && letter <= 'Z' ? (char) (letter + 'a' - 'A') : (char) letter);
        }
    }

    /** @return the payload that it announces, if it is an OPT record; else 0 */
    private int skipRecord() {
        skipName();
        int type = number16();
        int sizeOrClass = number16();
        skip(4);
        skip(number16());
        return type == Dns.OPT ? Math.max(sizeOrClass, Dns.SMALLEST_LIMIT) : 0;
    }

    private void skipName() {
        while (true) {
            int length = number8();
            if (length >= POINTER) {
                skip(1);
                return;
            }
            if (length == 0) {
                return;
            }
            if (length > Dns.LONGEST_LABEL) {
                throw new Malformed();
            }
            skip(length);
        }
    }

    private int number8() {
        skip(1);
        return message[at - 1] & 0xff;
    }

    private int number16() {
        skip(2);
        return Dns.number16(message, at - 2);
    }

    private void skip(int bytes) {
        if (message.length - at < bytes) {
            throw new Malformed();
        }
        at += bytes;
    }
}
