package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client's and a server's side of the protocol, written apart from the code under test. */
final class Messages {

    static final int RECURSION_DESIRED = 0x0100;
    static final int TRUNCATED = 0x0200;

    private Messages() {
    }

    static byte[] query(int id, String name, int type) {
        return query(id, name, type, 0);
    }

    /** @param payload of an OPT record; 0 for none */
    static byte[] query(int id, String name, int type, int payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        numbers(out, id, RECURSION_DESIRED, 1, 0, 0, payload > 0 ? 1 : 0);
        name(out, name);
        numbers(out, type, 1);
        if (payload > 0) {
            out.write(0);
            numbers(out, 41, payload, 0, 0, 0);
        }
        return out.toByteArray();
    }

    /** A reply to a query, as a server outside gives it, with addresses of IPv4. */
    static byte[] reply(byte[] query, int code, String... addresses) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        numbers(out, number(query, 0), 0x8180 | code, 1, addresses.length, 0, 0);
        int end = 12;
        while (query[end] != 0) {
            end += query[end] + 1;
        }
        out.write(query, 12, end + 5 - 12);
        for (String address : addresses) {
            numbers(out, 0xc00c, 1, 1, 0, 60, 4);
            out.writeBytes(IpAddress.parse(address).bytes());
        }
        return out.toByteArray();
    }

    /**
     * What a client makes of a reply.
     *
     * @param name    of the question, as it was written
     * @param answers in text
     * @param payload of the OPT record; 0 when there is none
     */
    record Seen(int id, int flags, String name, List<String> answers, int payload) {

        int code() {
            return flags & 15;
        }

        boolean truncated() {
            return (flags & TRUNCATED) != 0;
        }
    }

    static Seen see(byte[] reply) {
        int at = 12;
        String name = "";
        if (number(reply, 4) == 1) {
            name = nameAt(reply, 12);
            at = afterName(reply, 12) + 4;
        }
        List<String> answers = new ArrayList<>();
        int payload = 0;
        int count = number(reply, 6) + number(reply, 8) + number(reply, 10);
        for (int i = 0; i < count; i++) {
            at = afterName(reply, at);
            int type = number(reply, at);
            int length = number(reply, at + 8);
            byte[] data = java.util.Arrays.copyOfRange(reply, at + 10, at + 10 + length);
            switch (type) {
                case 1, 28 -> answers.add(IpAddress.of(data).toString());
                case 12 -> answers.add(nameAt(reply, at + 10));
                case 41 -> payload = number(reply, at + 2);
                default -> answers.add("type " + type);
            }
            at += 10 + length;
        }
        if (at != reply.length) {
            throw new AssertionError("the reply has " + (reply.length - at) + " bytes too many");
        }
        return new Seen(number(reply, 0), number(reply, 2), name, answers, payload);
    }

    static int number(byte[] message, int at) {
        return (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
    }

    private static String nameAt(byte[] message, int at) {
        StringBuilder name = new StringBuilder();
        for (int i = at; message[i] != 0; i += message[i] + 1) {
            name.append(new String(message, i + 1, message[i], StandardCharsets.US_ASCII)).append('.');
        }
        return name.toString();
    }

    private static int afterName(byte[] message, int at) {
        int i = at;
        while (message[i] != 0) {
            if ((message[i] & 0xc0) == 0xc0) {
                return i + 2;
            }
            i += message[i] + 1;
        }
        return i + 1;
    }

    private static void name(ByteArrayOutputStream out, String name) {
        for (String label : name.isEmpty() ? new String[0] : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.write(0);
    }

    private static void numbers(ByteArrayOutputStream out, int... numbers) {
        for (int number : numbers) {
            out.write(number >> 8);
            out.write(number);
        }
    }
}
