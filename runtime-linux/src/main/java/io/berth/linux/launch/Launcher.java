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
import java.nio.charset.StandardCharsets;
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
    private static final int ALL_SEALS = 0xf;
    /** Both signal calls of posix_spawnattr_setflags(3): the child gets default dispositions and an empty mask. */
    private static final int POSIX_SPAWN_SETSIGDEF = 4;
    private static final int POSIX_SPAWN_SETSIGMASK = 8;
    /** Larger than posix_spawn_file_actions_t and posix_spawnattr_t of glibc (80 and 336 bytes) and musl. */
    private static final int OPAQUE = 512;

    private final Fd image;
    private final CLibrary library = new CLibrary();
    private final NativeBuffer attributes = NativeBuffer.allocate(OPAQUE);
    private final NativeBuffer imagePath;
    private final NativeBuffer environment = NativeBuffer.allocate(8);

    public Launcher(Kernel kernel) {
        FileCalls files = new FileCalls(kernel);
        image = files.memory("berth-launcher", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        byte[] elf = LauncherImage.elf(Architecture.current());
        files.write(image, NativeBuffer.of(elf), 0, elf.length);
        kernel.call(SystemCall.FCNTL, image, Argument.of(F_ADD_SEALS), Argument.of(ALL_SEALS));
        imagePath = text(image.path());
        // sigfillset(3) leaves out the two signals glibc uses itself, and posix_spawn then makes the child ignore them.
        NativeBuffer all = NativeBuffer.of(HexFormat.of().parseHex("ff".repeat(128)));
        library.check("posix_spawnattr_init", attributes.address());
        library.check("posix_spawnattr_setsigdefault", attributes.address(), all.address());
        library.check("posix_spawnattr_setsigmask", attributes.address(), NativeBuffer.allocate(128).address());
        library.check("posix_spawnattr_setflags", attributes.address(), POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }

    /**
     * Starts a launcher on a table.
     *
     * @param inherited what the launcher finds open under the numbers these have here; everything else closes
     * @return the launcher's pid. It ends right after its clone (or its failure) and must be reaped by the caller, who
     *         also becomes the parent of the container's process.
     * @throws LaunchFailure when no launcher could be started
     */
    public int spawn(Fd table, List<Fd> inherited) {
        NativeBuffer actions = NativeBuffer.allocate(OPAQUE);
        library.check("posix_spawn_file_actions_init", actions.address());
        try {
            // dup2 onto itself inside posix_spawn means: clear close-on-exec in the child.
            library.check("posix_spawn_file_actions_adddup2", actions.address(), table.number(), table.number());
            for (Fd fd : inherited) {
                library.check("posix_spawn_file_actions_adddup2", actions.address(), fd.number(), fd.number());
            }
            NativeBuffer pid = NativeBuffer.allocate(8);
            NativeBuffer name = text("berth-launcher");
            NativeBuffer number = text(Integer.toString(table.number()));
            NativeBuffer arguments = NativeBuffer.allocate(24);
            arguments.bytes().putLong(0, name.address()).putLong(8, number.address());
            library.check("posix_spawn", pid.address(), imagePath.address(), actions.address(), attributes.address(),
                    arguments.address(), environment.address());
            java.lang.ref.Reference.reachabilityFence(name);
            java.lang.ref.Reference.reachabilityFence(number);
            return pid.bytes().getInt(0);
        } finally {
            library.check("posix_spawn_file_actions_destroy", actions.address());
        }
    }

    @Override
    public void close() {
        image.close();
    }

    private static NativeBuffer text(String text) {
        return NativeBuffer.of((text + '\0').getBytes(StandardCharsets.UTF_8));
    }

    /** The few functions of the C library that are no system calls. They answer with an error number. */
    private static final class CLibrary {
        private final Library library = Library.getDefault();
        private final Invoker invoker = Invoker.getInstance();

        void check(String function, long... arguments) {
            long address = library.getSymbolAddress(function);
            Type[] types = new Type[arguments.length];
            java.util.Arrays.fill(types, Type.SINT64);
            CallContext context = CallContext.getCallContext(Type.SINT32, types, CallingConvention.DEFAULT, false);
            HeapInvocationBuffer buffer = new HeapInvocationBuffer(context);
            for (long argument : arguments) {
                buffer.putLong(argument);
            }
            int error = invoker.invokeInt(context, address, buffer);
            if (error != 0) {
                throw new LaunchFailure("start the launcher: " + function + ": " + Errno.of(error).describe());
            }
        }
    }
}
