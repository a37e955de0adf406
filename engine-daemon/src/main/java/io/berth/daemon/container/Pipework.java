package io.berth.daemon.container;

import io.berth.daemon.spec.ContainerSpec;
import io.berth.linux.keeper.Attachment;
import io.berth.linux.keeper.LaunchRequest.Descriptor;
import io.berth.linux.keeper.LaunchRequest.Role;
import io.berth.linux.keeper.LaunchRequest;
import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.launch.LaunchTable;
import io.berth.linux.launch.Stdio;
import java.util.ArrayList;
import java.util.List;

/**
 * The standard streams of a process that is about to start: the ends it gets, and the ends the keeper holds. All of them are
 * closed here after the launch; both sides have their own copies by then.
 */
final class Pipework implements AutoCloseable {

    // asm-generic/ioctls.h
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCSPTLCK = 0x40045431;

    private final Kernel kernel;
    private final FileCalls files;
    private final List<Fd> opened = new ArrayList<>();
    private final List<Descriptor> kept = new ArrayList<>();
    private final Stdio stdio;
    private final FileCalls.Pipe started;

    private Pipework(Kernel kernel, ContainerSpec.Streams streams, Fd terminals, boolean console, int owner) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        try {
            started = pipe();
            kept.add(new Descriptor(Role.STARTED, started.readEnd()));
            stdio = streams.tty() ? terminal(streams, terminals, console) : pipes(streams, owner);
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /**
     * @param terminals the container's devpts; used with a terminal only
     * @param console whether the terminal is the container's {@code /dev/console} too
     * @param owner the user who may reopen {@code /dev/stdout} and the like
     */
    static Pipework lay(Kernel kernel, ContainerSpec.Streams streams, Fd terminals, boolean console, int owner) {
        return new Pipework(kernel, streams, terminals, console, owner);
    }

    Stdio stdio() {
        return stdio;
    }

    /**
     * The launch of a process with these streams.
     *
     * @param memory the table's
     * @param clients connected before the first byte of output
     */
    LaunchRequest request(String key, long generation, LaunchTable table, Fd memory, List<Attachment> clients, LogOptions log) {
        List<Descriptor> descriptors = new ArrayList<>();
        table.inherited().forEach(fd -> descriptors.add(new Descriptor(Role.CHILD, fd)));
        List<LaunchRequest.Relocation> relocations = table.relocations().stream()
                .map(relocation -> new LaunchRequest.Relocation(relocation.offset(), relocation.index())).toList();
        descriptors.add(new Descriptor(Role.TABLE, memory));
        descriptors.addAll(kept);
        return new LaunchRequest(key, generation, descriptors, relocations, clients, log);
    }

    /** Held open by the child until its exec. */
    Fd started() {
        return started.writeEnd();
    }

    private Stdio terminal(ContainerSpec.Streams streams, Fd terminals, boolean console) {
        Fd master = kernel.open(SystemCall.OPENAT, terminals, Argument.of("ptmx"),
                Argument.of(FileCalls.O_RDWR | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC | FileCalls.O_NONBLOCK), Argument.NULL);
        opened.add(master);
        kernel.call(SystemCall.IOCTL, master, Argument.of(TIOCSPTLCK), NativeBuffer.allocate(4));
        if (streams.rows() > 0 && streams.columns() > 0) {
            NativeBuffer size = NativeBuffer.allocate(8);
            size.bytes().putShort(0, (short) streams.rows()).putShort(2, (short) streams.columns());
            kernel.call(SystemCall.IOCTL, master, Argument.of(TIOCSWINSZ), size);
        }
        kept.add(new Descriptor(Role.MASTER, master));
        return new Stdio.Terminal(master, console);
    }

    private Stdio pipes(ContainerSpec.Streams streams, int owner) {
        Fd input;
        if (streams.openStdin()) {
            FileCalls.Pipe stdin = pipe();
            keep(Role.STDIN, stdin.writeEnd());
            input = stdin.readEnd();
            own(input, owner);
        } else {
            input = files.open("/dev/null", FileCalls.O_RDONLY, 0);
            opened.add(input);
        }
        FileCalls.Pipe stdout = pipe();
        keep(Role.STDOUT, stdout.readEnd());
        own(stdout.writeEnd(), owner);
        FileCalls.Pipe stderr = pipe();
        keep(Role.STDERR, stderr.readEnd());
        own(stderr.writeEnd(), owner);
        return new Stdio.Pipes(input, stdout.writeEnd(), stderr.writeEnd());
    }

    private FileCalls.Pipe pipe() {
        FileCalls.Pipe pipe = files.pipe();
        opened.add(pipe.readEnd());
        opened.add(pipe.writeEnd());
        return pipe;
    }

    private void keep(Role role, Fd end) {
        files.setNonBlocking(end);
        kept.add(new Descriptor(role, end));
    }

    private void own(Fd end, int owner) {
        if (owner != 0) {
            kernel.call(SystemCall.FCHOWN, end, Argument.of(owner), Argument.of(-1));
        }
    }

    @Override
    public void close() {
        opened.forEach(Fd::close);
    }
}
