package io.berth.daemon.dns;

import java.util.Arrays;

/**
 * A query with the one question it asks.
 *
 * @param message     all of it, as it came; whoever holds a query must not change it
 * @param name        in lower case, without the dot at the end; a byte of a label that is no printable character, and a dot inside one,
 *                    is written {@code \DDD}, so that no such name is taken for another
 * @param questionEnd where the question ends in the message
 * @param payload     the largest answer over udp that the client announces (EDNS), 0 when it announces none
 */
record Query(byte[] message, String name, int type, int dnsClass, int questionEnd, int payload) {

    int id() {
        return Dns.number16(message, 0);
    }

    int flags() {
        return Dns.number16(message, Dns.FLAGS_AT);
    }

    boolean announcesPayload() {
        return payload > 0;
    }

    /** The largest answer over udp. */
    int datagramLimit() {
        return Math.max(payload, Dns.SMALLEST_LIMIT);
    }

    boolean isForInternet() {
        return dnsClass == Dns.IN || dnsClass == Dns.ANY_CLASS;
    }

    boolean isSingleLabel() {
        return name.indexOf('.') < 0;
    }

    /** The same query under another id. */
    byte[] withId(int id) {
        byte[] other = message.clone();
        Dns.put16(other, 0, id);
        return other;
    }

    /** Whether a message is the reply to this query, sent under this id; case does not count in names. */
    boolean isAnsweredBy(byte[] reply, int sentId) {
        return reply.length >= questionEnd && Dns.number16(reply, 0) == sentId
                && (Dns.number16(reply, Dns.FLAGS_AT) & (Dns.IS_REPLY | Dns.OPERATION)) == Dns.IS_REPLY
                && Dns.number16(reply, Dns.QUESTIONS_AT) == 1 && asksTheSame(reply);
    }

    private boolean asksTheSame(byte[] reply) {
        int nameEnd = questionEnd - 4;
        for (int i = Dns.HEADER; i < nameEnd; i++) {
            if (lower(reply[i]) != lower(message[i])) {
                return false;
            }
        }
        return Arrays.equals(reply, nameEnd, questionEnd, message, nameEnd, questionEnd);
    }

    private static int lower(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + 'a' - 'A' : letter;
    }
}
