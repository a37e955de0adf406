package io.berth.linux.launch;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Starts launchers from a sealed memfd by posix_spawn(3). The child shares this process's memory only until its exec, in
 * the host's namespaces, before a container could see it.
 *
 * <p>For one thread: the keeper's.
 */
public final class Launcher implements AutoCloseable {

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;
    private static final int ALL_SEALS = 0xf;
    /** Both signal calls of posix_spawnattr_setflags(3): the child gets default dispositions and an empty mask. */
    private static final int POSIX_SPAWN_SETSIGDEF = 4;
    private static final int POSIX_SPAWN_SETSIGMASK = 8;
    /** Larger than posix_spawnattr_t of glibc (336 bytes) and musl. */
    private static final int OPAQUE = 512;

    private final Kernel kernel;
    private final Fd image;
    private final CFunction spawn = new CFunction("posix_spawn", 6);
    private final NativeBuffer attributes = NativeBuffer.allocate(OPAQUE);
    private final NativeBuffer imagePath;
    private final NativeBuffer name = text("berth-launcher");
    private final NativeBuffer environment = NativeBuffer.allocate(8);

    public Launcher(Kernel kernel) {
        this.kernel = kernel;
        FileCalls files = new FileCalls(kernel);
        image = files.memory("berth-launcher", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        byte[] elf = LauncherImage.elf(Architecture.current());
        files.write(image, NativeBuffer.of(elf), 0, elf.length);
        kernel.call(SystemCall.FCNTL, image, Argument.of(F_ADD_SEALS), Argument.of(ALL_SEALS));
        imagePath = text(image.path());
        // sigfillset(3) leaves out the two signals glibc uses itself, and posix_spawn then makes the child ignore them.
        NativeBuffer all = NativeBuffer.of(HexFormat.of().parseHex("ff".repeat(128)));
        NativeBuffer none = NativeBuffer.allocate(128);
        new CFunction("posix_spawnattr_init", 1).call(attributes);
        new CFunction("posix_spawnattr_setsigdefault", 2).call(attributes, all);
        new CFunction("posix_spawnattr_setsigmask", 2).call(attributes, none);
        new CFunction("posix_spawnattr_setflags", 2).call(attributes, Argument.of(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
    }

    /**
     * Starts a launcher on a table.
     *
     * @param inherited what the launcher finds open under the numbers these have here; everything else closes. They stay
     *                  inheritable: the caller closes them before the next launch
     * @return the launcher's pid. It ends right after its clone (or its failure) and must be reaped by the caller, who
     *         also becomes the parent of the container's process.
     * @throws LaunchFailure when no launcher could be started
     */
    public int spawn(Fd table, List<Fd> inherited) {
        inherited.forEach(this::makeInheritable);
        makeInheritable(table);
        try {
            NativeBuffer pid = NativeBuffer.allocate(8);
            NativeBuffer number = text(Integer.toString(table.number()));
            NativeBuffer arguments = NativeBuffer.allocate(24);
            arguments.bytes().putLong(0, name.address()).putLong(8, number.address());
            spawn.call(pid, imagePath, Argument.NULL, attributes, arguments, environment);
            Reference.reachabilityFence(number);
            return pid.bytes().getInt(0);
        } finally {
            kernel.call(SystemCall.FCNTL, table, Argument.of(F_SETFD), Argument.of(FD_CLOEXEC));
        }
    }

    /** One call here, where a file action of posix_spawn(3) would cost the child three. */
    private void makeInheritable(Fd fd) {
        kernel.call(SystemCall.FCNTL, fd, Argument.of(F_SETFD), Argument.NULL);
    }

    @Override
    public void close() {
        image.close();
    }

    private static NativeBuffer text(String text) {
        return NativeBuffer.of((text + '\0').getBytes(StandardCharsets.UTF_8));
    }

    /** A function of the C library that is no system call. It answers with an error number. */
    private static final class CFunction {
        private static final Library LIBRARY = Library.getDefault();

        private final String name;
        private final long address;
        private final CallContext context;

        CFunction(String name, int parameters) {
            this.name = name;
            address = LIBRARY.getSymbolAddress(name);
            Type[] types = new Type[parameters];
            Arrays.fill(types, Type.SINT64);
            context = CallContext.getCallContext(Type.SINT32, types, CallingConvention.DEFAULT, false);
        }

        void call(Argument... arguments) {
            HeapInvocationBuffer buffer = new HeapInvocationBuffer(context);
            for (Argument argument : arguments) {
                buffer.putLong(switch (argument) {
                    case Argument.Word word -> word.value();
                    case NativeBuffer memory -> memory.address();
                    case Argument.Within(NativeBuffer memory, int offset) -> memory.address() + offset;
                    case Fd fd -> fd.number();
                    case Argument.Text text -> throw new IllegalArgumentException("text needs memory of its own: " + text);
                });
            }
            int error = Invoker.getInstance().invokeInt(context, address, buffer);
            Reference.reachabilityFence(arguments);
            if (error != 0) {
                throw new LaunchFailure("start the launcher: " + name + ": " + Errno.of(error).describe());
            }
        }
    }
}
