package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.launch.LaunchPlan;
import io.berth.linux.launch.LaunchTable;
import io.berth.linux.launch.Operand;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A program of the host prepared for a launch by the keeper, as the daemon prepares a container's. */
final class Program implements AutoCloseable {

    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int TIOCSCTTY = 0x540e;

    private final Kernel kernel;
    private final FileCalls files;
    private final LaunchPlan plan = new LaunchPlan();
    private final List<LaunchRequest.Descriptor> ends = new ArrayList<>();
    private final List<Fd> opened = new ArrayList<>();

    private Program(Kernel kernel) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        plan.fork(0, java.util.Optional.empty());
    }

    static Program withPipes(Kernel kernel, String... command) {
        Program program = new Program(kernel);
        program.pipe(LaunchRequest.Role.STDIN, 0);
        program.pipe(LaunchRequest.Role.STDOUT, 1);
        program.pipe(LaunchRequest.Role.STDERR, 2);
        program.exec(command);
        return program;
    }

    static Program withTerminal(Kernel kernel, String... command) {
        Program program = new Program(kernel);
        Fd master = program.files.open("/dev/ptmx", FileCalls.O_RDWR | FileCalls.O_NOCTTY | FileCalls.O_NONBLOCK, 0);
        NativeBuffer unlock = NativeBuffer.allocate(4);
        kernel.call(SystemCall.IOCTL, master, of(TIOCSPTLCK), unlock);
        Fd slave = kernel.open(SystemCall.IOCTL, master, of(TIOCGPTPEER), of(FileCalls.O_RDWR | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC));
        program.end(LaunchRequest.Role.MASTER, master);
        program.opened.add(slave);
        program.plan.step("new session", SystemCall.SETSID);
        for (int number = 0; number < 3; number++) {
            program.plan.step("terminal", SystemCall.DUP3, new Operand.Inherited(slave, "terminal " + number), Operand.of(number), Operand.of(0));
        }
        program.plan.step("controlling terminal", SystemCall.IOCTL, Operand.of(0), Operand.of(TIOCSCTTY), Operand.of(0));
        program.exec(command);
        return program;
    }

    /** A launch that hangs before its execve, as a mount may, until somebody writes to the pipe. */
    static Program stuck(Kernel kernel, FileCalls.Pipe pipe) {
        return stuck(kernel, pipe, "/bin/true");
    }

    static Program stuck(Kernel kernel, FileCalls.Pipe pipe, String command) {
        Program program = new Program(kernel);
        program.plan.step("hang", SystemCall.READ, new Operand.Inherited(pipe.readEnd(), "nothing comes"), Operand.of(new byte[8]), Operand.of(1));
        program.exec(command);
        return program;
    }

    LaunchRequest request(String key, long generation, LogOptions log, Attachment... attachments) {
        FileCalls.Pipe started = files.pipe();
        end(LaunchRequest.Role.STARTED, started.readEnd());
        opened.add(started.writeEnd());
        LaunchTable table = plan.compile();
        Fd memory = table.toMemory(kernel);
        List<LaunchRequest.Descriptor> descriptors = new ArrayList<>();
        table.inherited().forEach(fd -> descriptors.add(new LaunchRequest.Descriptor(LaunchRequest.Role.CHILD, fd)));
        descriptors.add(new LaunchRequest.Descriptor(LaunchRequest.Role.CHILD, started.writeEnd()));
        end(LaunchRequest.Role.TABLE, memory);
        descriptors.addAll(ends);
        List<LaunchRequest.Relocation> relocations = new ArrayList<>();
        table.relocations().forEach(r -> relocations.add(new LaunchRequest.Relocation(r.offset(), r.index())));
        return new LaunchRequest(key, generation, descriptors, relocations, List.of(attachments), log);
    }

    @Override
    public void close() {
        opened.forEach(Fd::close);
    }

    private void pipe(LaunchRequest.Role role, int number) {
        FileCalls.Pipe pipe = files.pipe();
        boolean input = role == LaunchRequest.Role.STDIN;
        Fd parent = input ? pipe.writeEnd() : pipe.readEnd();
        Fd child = input ? pipe.readEnd() : pipe.writeEnd();
        files.setNonBlocking(parent);
        end(role, parent);
        opened.add(child);
        plan.step(role.name(), SystemCall.DUP3, new Operand.Inherited(child, role.name()), Operand.of(number), Operand.of(0));
    }

    private void end(LaunchRequest.Role role, Fd fd) {
        ends.add(new LaunchRequest.Descriptor(role, fd));
        opened.add(fd);
    }

    private void exec(String... command) {
        List<byte[]> arguments = new ArrayList<>();
        for (String argument : command) {
            arguments.add(argument.getBytes(StandardCharsets.UTF_8));
        }
        plan.step("close the rest on exec", SystemCall.CLOSE_RANGE, Operand.of(3), Operand.of(0xffff_ffffL), Operand.of(4));
        plan.step("execute " + command[0], SystemCall.EXECVE, Operand.of(command[0]), new Operand.Strings(arguments),
                new Operand.Strings(List.of("PATH=/bin:/usr/bin".getBytes(StandardCharsets.UTF_8))));
    }
}
