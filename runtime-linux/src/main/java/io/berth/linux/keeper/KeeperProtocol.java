package io.berth.linux.keeper;

import io.berth.linux.keeper.log.LogOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What daemon and keeper say to each other over a Unix stream socket: messages of a twelve-byte head and a body, with
 * descriptors in SCM_RIGHTS beside the first byte. The head is the length of what follows it (u32), the type (u16), the
 * number of descriptors (u16) and the request's id (u32), which the answer repeats; answers come in any order. An event has
 * the id 0. docs/formats/keeper-protocol.md lists every message.
 *
 * <p>The first message each way is a hello. The keeper speaks one version and says which; a daemon that speaks another must
 * be able to tell. A message is only ever extended at its end, and a reader ignores what it does not know there.
 */
final class KeeperProtocol {

    static final int VERSION = 1;
    /** The length itself is not counted in the length. */
    static final int LENGTH = 4;
    static final int HEAD = 12;
    /** Larger than any message of ours; what claims to be larger is no message. */
    static final int LARGEST = 4 << 20;

    // requests
    static final int HELLO = 1;
    static final int LAUNCH = 2;
    static final int ATTACH = 3;
    static final int CLOSE_STDIN = 4;
    static final int RESIZE = 5;
    static final int SIGNAL = 6;
    static final int SUBSCRIBE = 7;
    static final int LIST = 8;
    static final int RELEASE = 9;
    static final int LOG_OPTIONS = 10;
    static final int ROTATE = 11;
    static final int KEEP = 12;
    static final int TAKE = 13;
    static final int SHUTDOWN = 14;
    static final int PING = 15;
    static final int RECORD = 20;
    static final int FORGET = 21;
    static final int KEPT = 22;
    // answers
    static final int DONE = 64;
    static final int REFUSED = 65;
    // events
    static final int EXITED = 80;
    static final int DETACHED = 81;
    /** Only for subscribers that asked for it: older ones end the connection at an event that they do not know. */
    static final int LOG_LOST = 82;

    private static final LaunchRequest.Role[] ROLES = LaunchRequest.Role.values();
    private static final int LONGEST_KEY = 255;

    private KeeperProtocol() {
    }

    static void writeLaunch(MessageWriter out, LaunchRequest request) {
        out.text(request.key()).number(request.generation());
        writeLog(out, request.log());
        out.number(request.descriptors().size());
        for (LaunchRequest.Descriptor descriptor : request.descriptors()) {
            out.number(descriptor.role().ordinal()).giveDescriptor(descriptor.fd());
        }
        out.number(request.relocations().size());
        for (LaunchRequest.Relocation relocation : request.relocations()) {
            out.number(relocation.offset()).number(relocation.descriptor());
        }
        out.number(request.attachments().size());
        for (Attachment attachment : request.attachments()) {
            writeAttachment(out, attachment);
        }
        out.text(request.log().file()).text(request.log().attributes());
    }

    static LaunchRequest readLaunch(MessageReader in) {
        String key = readKey(in);
        long generation = in.longNumber();
        LogOptions log = readLog(in);
        List<LaunchRequest.Descriptor> descriptors = new ArrayList<>();
        for (int count = in.number(); count > 0; count--) {
            int role = in.number();
            if (role < 0 || role >= ROLES.length) {
                throw new IllegalArgumentException("no role of a descriptor: " + role);
            }
            descriptors.add(new LaunchRequest.Descriptor(ROLES[role], in.takeDescriptor()));
        }
        List<LaunchRequest.Relocation> relocations = new ArrayList<>();
        for (int count = in.number(); count > 0; count--) {
            relocations.add(new LaunchRequest.Relocation(in.number(), in.number()));
        }
        List<Attachment> attachments = new ArrayList<>();
        for (int count = in.number(); count > 0; count--) {
            attachments.add(readAttachment(in));
        }
        if (in.hasMore()) {
            log = new LogOptions(log.directory(), in.text(), in.text(), log.segmentBytes(), log.segments());
        }
        return new LaunchRequest(key, generation, descriptors, relocations, attachments, log);
    }

    static void writeAttachment(MessageWriter out, Attachment attachment) {
        out.number(attachment.tag()).flag(attachment.stdin()).flag(attachment.stdout()).flag(attachment.stderr())
                .flag(attachment.framed()).flag(attachment.closeStdin()).bytes(attachment.detachKeys())
                .bytes(attachment.typed()).descriptor(attachment.socket());
    }

    static Attachment readAttachment(MessageReader in) {
        long tag = in.longNumber();
        boolean stdin = in.flag();
        boolean stdout = in.flag();
        boolean stderr = in.flag();
        boolean framed = in.flag();
        boolean closeStdin = in.flag();
        byte[] detachKeys = in.bytes();
        byte[] typed = in.bytes();
        return new Attachment(in.takeDescriptor(), tag, stdin, stdout, stderr, framed, closeStdin, detachKeys, typed);
    }

    static void writeLog(MessageWriter out, LogOptions log) {
        out.text(log.directory()).number(log.segmentBytes()).number(log.segments());
    }

    static LogOptions readLog(MessageReader in) {
        return new LogOptions(in.text(), in.longNumber(), in.number());
    }

    static void writeExit(MessageWriter out, Exit exit) {
        out.number(exit.sequence()).text(exit.key()).number(exit.generation()).number(exit.status()).number(exit.timeNanos());
    }

    static Exit readExit(MessageReader in) {
        return new Exit(in.longNumber(), in.text(), in.longNumber(), in.number(), in.longNumber());
    }

    static String readKey(MessageReader in) {
        byte[] key = in.bytes();
        if (key.length == 0 || key.length > LONGEST_KEY) {
            throw new IllegalArgumentException("a key has 1 to " + LONGEST_KEY + " bytes, not " + key.length);
        }
        return new String(key, StandardCharsets.UTF_8);
    }
}
