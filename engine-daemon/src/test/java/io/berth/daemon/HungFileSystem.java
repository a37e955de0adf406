package io.berth.daemon;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file system whose server never answers: an empty directory, but who looks a name up in it sleeps in the kernel, deaf to
 * SIGKILL, until {@link #close}. By the FUSE protocol (linux/fuse.h, version 7.22): a request that the server has read can
 * only be ended by its answer, or by the end of the connection.
 */
final class HungFileSystem implements AutoCloseable {

    private static final int LOOKUP = 1;
    private static final int FORGET = 2;
    private static final int GETATTR = 3;
    private static final int STATFS = 17;
    private static final int INIT = 26;
    private static final int INTERRUPT = 36;
    private static final int BATCH_FORGET = 42;
    private static final int ENOSYS = 38;
    private static final int REQUEST_SIZE = 256 * 1024;
    private static final int ANSWER_HEAD = 16;
    private static final int DIRECTORY = 040755;
    private static final int MNT_FORCE = 1;
    private static final int MNT_DETACH = 2;

    private final Kernel kernel = new JnrKernel();
    private final FileCalls files = new FileCalls(kernel);
    private final Path directory;
    private final Fd device;
    private boolean closed;
    private final AtomicInteger waiting = new AtomicInteger();

    HungFileSystem(Path directory) {
        try {
            this.directory = Files.createDirectory(directory);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        device = files.open("/dev/fuse", FileCalls.O_RDWR | FileCalls.O_CLOEXEC, 0);
        kernel.call(SystemCall.MOUNT, Argument.of("hung"), Argument.of(directory.toString()), Argument.of("fuse"), Argument.NULL,
                Argument.of("fd=" + device.number() + ",rootmode=40000,user_id=0,group_id=0,allow_other"));
        Thread.ofPlatform().daemon().name("hung-file-system").start(this::serve);
    }

    /** How many requests will never be answered. */
    int waiting() {
        return waiting.get();
    }

    private void serve() {
        NativeBuffer buffer = NativeBuffer.allocate(REQUEST_SIZE);
        try (device) {
            while (true) {
                files.read(device, buffer, 0, REQUEST_SIZE);
                ByteBuffer request = buffer.bytes().duplicate().order(ByteOrder.nativeOrder());
                answer(request.getInt(4), request.getLong(8));
            }
        } catch (SystemCallException disconnected) {
            // ENODEV, after close
        }
    }

    private void answer(int operation, long unique) {
        switch (operation) {
            case LOOKUP -> waiting.incrementAndGet();
            case FORGET, BATCH_FORGET, INTERRUPT -> { } // nobody waits for an answer
            case INIT -> answer(unique, 0, body(24).putInt(7).putInt(22).putInt(0).putInt(0).putInt(0).putInt(4096));
            // For how long it holds, then the attributes: of an endless time, with a mode and two names.
            case GETATTR -> answer(unique, 0, body(104).putLong(1 << 30).putLong(0).putLong(1).position(16 + 60).putInt(DIRECTORY).putInt(2));
            case STATFS -> answer(unique, 0, body(80));
            default -> answer(unique, -ENOSYS, body(0));
        }
    }

    private static ByteBuffer body(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }

    private void answer(long unique, int error, ByteBuffer body) {
        ByteBuffer answer = body(ANSWER_HEAD + body.capacity()).putInt(ANSWER_HEAD + body.capacity()).putInt(error).putLong(unique).put(body.array());
        NativeBuffer bytes = NativeBuffer.of(answer.array());
        files.write(device, bytes, 0, bytes.size());
    }

    /** Lets everybody go who waits. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        kernel.call(SystemCall.UMOUNT2, Argument.of(directory.toString()), Argument.of(MNT_FORCE | MNT_DETACH));
    }
}
