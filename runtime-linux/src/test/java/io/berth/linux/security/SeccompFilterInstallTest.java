package io.berth.linux.security;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.lang.ref.Reference;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** The kernel itself takes the filter and obeys it, on a thread of its own that ends with the test. */
class SeccompFilterInstallTest {

    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final long CLONE_NEWUTS = 0x04000000;

    private final Kernel kernel = new JnrKernel();

    @Test
    void theKernelObeysTheDefaultFilter() throws Exception {
        FutureTask<Map<String, Errno>> confined = new FutureTask<>(this::callsUnderTheFilter);
        Thread thread = Thread.ofPlatform().start(confined);
        Map<String, Errno> refusals = confined.get();
        thread.join();
        assertEquals(Map.of("unshare", Errno.EPERM, "clone3", Errno.ENOSYS, "vsock", Errno.EPERM, "keyctl", Errno.EPERM,
                "mount", Errno.EPERM), refusals);
    }

    private Map<String, Errno> callsUnderTheFilter() {
        install(new SeccompCompiler(Architecture.current(), SeccompProfile.standard()).filter(Capabilities.DEFAULT));
        Map<String, Errno> refusals = new TreeMap<>();
        attempt(refusals, "getpid", SystemCall.GETPID);
        attempt(refusals, "unshare", SystemCall.UNSHARE, Argument.of(CLONE_NEWUTS));
        attempt(refusals, "clone3", SystemCall.CLONE3, Argument.NULL, Argument.NULL);
        attempt(refusals, "vsock", SystemCall.SOCKET, Argument.of(40), Argument.of(1), Argument.NULL);
        attempt(refusals, "keyctl", SystemCall.KEYCTL, Argument.NULL, Argument.NULL, Argument.NULL);
        attempt(refusals, "mount", SystemCall.MOUNT, Argument.NULL, Argument.NULL, Argument.NULL, Argument.NULL, Argument.NULL);
        attempt(refusals, "personality", SystemCall.PERSONALITY, Argument.of(0xffffffffL));
        return refusals;
    }

    private void install(SeccompFilter filter) {
        NativeBuffer instructions = NativeBuffer.of(filter.instructions());
        NativeBuffer program = NativeBuffer.allocate(16);
        program.bytes().putShort(0, (short) filter.length()).putLong(8, instructions.address());
        kernel.call(SystemCall.PRCTL, Argument.of(PR_SET_NO_NEW_PRIVS), Argument.of(1), Argument.NULL, Argument.NULL,
                Argument.NULL);
        kernel.call(SystemCall.SECCOMP, Argument.of(SECCOMP_SET_MODE_FILTER), Argument.NULL, program);
        Reference.reachabilityFence(instructions);
    }

    private void attempt(Map<String, Errno> refusals, String what, SystemCall call, Argument... arguments) {
        try {
            kernel.call(call, arguments);
        } catch (SystemCallException refused) {
            refusals.put(what, refused.errno());
        }
    }
}
