package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes replies. A name that answers is the question's own, in the question's letters, by a pointer to it. */
final class Reply {

    /** As the reference has it, in seconds. */
    private static final int TIME_TO_LIVE = 600;
    private static final int POINTER_TO_QUESTION = 0xc000 | Dns.HEADER;
    /** An OPT record without options: root, type, size, extended code and version, flags, no data (RFC 6891, 6.1.2). */
    private static final int OPT_LENGTH = 11;
    private static final int OWN_PAYLOAD = 4096;

    private Reply() {
    }

    /** To a message whose question makes no sense. */
    static byte[] toNoQuestion(byte[] message, int code) {
        byte[] reply = new byte[Dns.HEADER];
        System.arraycopy(message, 0, reply, 0, 2);
        Dns.put16(reply, Dns.FLAGS_AT, flags(Dns.number16(message, Dns.FLAGS_AT), code));
        return reply;
    }

    /** Without an answer: the name has nothing of the kind (NO_ERROR), or it went wrong. */
    static byte[] empty(Query query, int code) {
        return assemble(query, code, List.of(), Integer.MAX_VALUE);
    }

    /** All addresses, or as many as fit; then it says that it is cut, and the client asks again over tcp. */
    static byte[] addresses(Query query, List<IpAddress> addresses, int limit) {
        List<byte[]> records = new ArrayList<>();
        for (IpAddress address : addresses) {
            records.add(record(address.isV4() ? Dns.A : Dns.AAAA, address.bytes()));
        }
        return assemble(query, Dns.NO_ERROR, records, limit);
    }

    /** A name for an address. */
    static byte[] name(Query query, String name, int limit) {
        return assemble(query, Dns.NO_ERROR, List.of(record(Dns.PTR, wire(name))), limit);
    }

    /** Another server's reply to this query, under the client's id and in its letters; only that it is cut, if it is too long. */
    static byte[] passedOn(Query query, byte[] reply, int limit) {
        if (reply.length > limit) {
            byte[] cut = empty(query, Dns.number16(reply, Dns.FLAGS_AT) & Dns.CODE);
            Dns.put16(cut, Dns.FLAGS_AT, Dns.number16(cut, Dns.FLAGS_AT) | Dns.TRUNCATED);
            return cut;
        }
        byte[] passed = reply.clone();
        Dns.put16(passed, 0, query.id());
        System.arraycopy(query.message(), Dns.HEADER, passed, Dns.HEADER, query.questionEnd() - Dns.HEADER);
        return passed;
    }

    static int code(byte[] reply) {
        return Dns.number16(reply, Dns.FLAGS_AT) & Dns.CODE;
    }

    private static int flags(int asked, int code) {
        return Dns.IS_REPLY | asked & (Dns.OPERATION | Dns.RECURSION_DESIRED) | Dns.RECURSION_AVAILABLE | code;
    }

    private static byte[] assemble(Query query, int code, List<byte[]> records, int limit) {
        int fixed = query.questionEnd() + (query.announcesPayload() ? OPT_LENGTH : 0);
        int length = fixed;
        int count = 0;
        while (count < records.size() && length + records.get(count).length <= limit) {
            length += records.get(count++).length;
        }
        byte[] reply = Arrays.copyOf(Arrays.copyOf(query.message(), query.questionEnd()), length);
        int flags = flags(query.flags(), code);
        Dns.put16(reply, Dns.FLAGS_AT, count < records.size() ? flags | Dns.TRUNCATED : flags);
        Dns.put16(reply, Dns.ANSWERS_AT, count);
        Dns.put16(reply, Dns.AUTHORITIES_AT, 0);
        Dns.put16(reply, Dns.ADDITIONS_AT, query.announcesPayload() ? 1 : 0);
        int at = query.questionEnd();
        for (byte[] record : records.subList(0, count)) {
            System.arraycopy(record, 0, reply, at, record.length);
            at += record.length;
        }
        if (query.announcesPayload()) {
            Dns.put16(reply, at + 1, Dns.OPT);
            Dns.put16(reply, at + 3, OWN_PAYLOAD);
        }
        return reply;
    }

    private static byte[] record(int type, byte[] data) {
        byte[] record = new byte[12 + data.length];
        Dns.put16(record, 0, POINTER_TO_QUESTION);
        Dns.put16(record, 2, type);
        Dns.put16(record, 4, Dns.IN);
        Dns.put16(record, 8, TIME_TO_LIVE);
        Dns.put16(record, 10, data.length);
        System.arraycopy(data, 0, record, 12, data.length);
        return record;
    }

    /** A label that is too long for the protocol is cut; names of containers and networks may be longer than that. */
    private static byte[] wire(String name) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
            int length = Math.min(bytes.length, Dns.LONGEST_LABEL);
            if (length > 0 && wire.size() + length + 2 <= Dns.LONGEST_NAME) {
                wire.write(length);
                wire.write(bytes, 0, length);
            }
        }
        wire.write(0);
        return wire.toByteArray();
    }
}
