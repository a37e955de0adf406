package io.berth.linux.netlink;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** A kernel that keeps the datagrams written to it and answers reads from a script. */
final class ScriptedNetlink implements Kernel {

    final List<byte[]> written = new ArrayList<>();
    private final Deque<byte[]> answers = new ArrayDeque<>();

    /** The next read brings these messages. */
    ScriptedNetlink answer(byte[]... messages) {
        ByteBuffer datagram = ByteBuffer.allocate(Arrays.stream(messages).mapToInt(message -> message.length).sum());
        Arrays.stream(messages).forEach(datagram::put);
        answers.add(datagram.array());
        return this;
    }

    /** One message: header and payload. */
    static byte[] message(int type, int flags, int sequence, byte[] payload) {
        return ByteBuffer.allocate(16 + payload.length).order(ByteOrder.nativeOrder()).putInt(16 + payload.length)
                .putShort((short) type).putShort((short) flags).putInt(sequence).putInt(0).put(payload).array();
    }

    /** An acknowledgement, or with an errno a refusal. */
    static byte[] end(int sequence, int errno) {
        return message(2, 0x100, sequence, ByteBuffer.allocate(20).order(ByteOrder.nativeOrder()).putInt(-errno).array());
    }

    @Override
    public long call(SystemCall call, Argument... arguments) {
        return switch (call) {
            case SOCKET -> 7;
            case WRITE -> {
                int length = (int) ((Argument.Word) arguments[2]).value();
                written.add(((NativeBuffer) arguments[1]).copy(0, length));
                yield length;
            }
            case READ -> {
                byte[] next = answers.poll();
                if (next == null) {
                    throw new SystemCallException(call, Errno.EAGAIN, arguments);
                }
                ((NativeBuffer) arguments[1]).bytes().put(0, next);
                yield next.length;
            }
            default -> 0;
        };
    }
}
