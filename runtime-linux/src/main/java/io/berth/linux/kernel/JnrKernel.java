package io.berth.linux.kernel;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.lang.ref.Reference;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The real kernel, reached through the C library's {@code syscall(2)} by jffi, the layer jnr-ffi itself stands on.
 * Binding that one function by hand costs 0.1 µs a call and no generated class, where jnr-ffi's interfaces cost an
 * assembler and some ten MiB at the start of each JVM.
 */
public final class JnrKernel implements Kernel {

    /** Text longer than this (a path may have 4096 bytes) gets memory of its own. */
    private static final int SCRATCH_SIZE = 16 * 1024;
    /** MAX_ERRNO of linux/err.h: what is below is an address. */
    private static final int LARGEST_ERRNO = 4095;

    private final Architecture architecture = Architecture.current();
    private final Invoker invoker = Invoker.getInstance();
    private final LastError lastError = LastError.getInstance();
    private final CallContext[] contexts = new CallContext[8];
    private final long syscall;
    private final ConcurrentLinkedQueue<NativeBuffer> scratches = new ConcurrentLinkedQueue<>();
    /** Held so that the library is never unloaded under the function's address. */
    private final Library library;

    public JnrKernel() {
        library = Library.getDefault();
        syscall = library.getSymbolAddress("syscall");
        if (syscall == 0) {
            throw new IllegalStateException("the C library has no syscall(2): " + Library.getLastError());
        }
        for (int count = 1; count < contexts.length; count++) {
            Type[] parameters = new Type[count];
            java.util.Arrays.fill(parameters, Type.SINT64);
            contexts[count] = CallContext.getCallContext(Type.SINT64, parameters, CallingConvention.DEFAULT, true);
        }
    }

    @Override
    public long call(SystemCall call, Argument... arguments) {
        long result = attempt(call, arguments);
        if (result < 0 && result >= -LARGEST_ERRNO) {
            throw new SystemCallException(call, Errno.of((int) -result), arguments);
        }
        return result;
    }

    @Override
    public long attempt(SystemCall call, Argument... arguments) {
        NativeBuffer scratch = null;
        int used = 0;
        long[] words = new long[6];
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case Argument.Word word -> words[i] = word.value();
                case Fd fd -> words[i] = fd.number();
                case NativeBuffer buffer -> words[i] = buffer.address();
                case Argument.Within(NativeBuffer buffer, int offset) -> words[i] = buffer.address() + offset;
                case Argument.Text text -> {
                    if (scratch == null) {
                        scratch = borrowScratch(arguments);
                    }
                    words[i] = scratch.address() + used;
                    used = put(scratch, used, text.bytes());
                }
            }
        }
        long result = invoke(call.number(architecture), arguments.length, words);
        int error = result == -1 ? lastError.get() : 0;
        if (scratch != null && scratch.size() == SCRATCH_SIZE) {
            scratches.add(scratch);
        }
        Reference.reachabilityFence(arguments);
        Reference.reachabilityFence(scratch);
        return error == 0 ? result : -error;
    }

    private long invoke(int number, int count, long[] a) {
        return switch (count) {
            case 0 -> invoker.invokeL1(contexts[1], syscall, number);
            case 1 -> invoker.invokeL2(contexts[2], syscall, number, a[0]);
            case 2 -> invoker.invokeL3(contexts[3], syscall, number, a[0], a[1]);
            case 3 -> invoker.invokeL4(contexts[4], syscall, number, a[0], a[1], a[2]);
            case 4 -> invoker.invokeL5(contexts[5], syscall, number, a[0], a[1], a[2], a[3]);
            case 5 -> invoker.invokeL6(contexts[6], syscall, number, a[0], a[1], a[2], a[3], a[4]);
            case 6 -> invokeWithSix(number, a);
            default -> throw new IllegalArgumentException("a system call has at most six arguments, not " + count);
        };
    }

    /** With the call's number that makes seven, one more than jffi's direct calls take. */
    private long invokeWithSix(int number, long[] a) {
        HeapInvocationBuffer buffer = new HeapInvocationBuffer(contexts[7]);
        buffer.putLong(number);
        for (long word : a) {
            buffer.putLong(word);
        }
        return invoker.invokeLong(contexts[7], syscall, buffer);
    }

    private NativeBuffer borrowScratch(Argument[] arguments) {
        int needed = 0;
        for (Argument argument : arguments) {
            needed += argument instanceof Argument.Text text ? text.bytes().length + 1 : 0;
        }
        if (needed > SCRATCH_SIZE) {
            return NativeBuffer.allocate(needed);
        }
        NativeBuffer pooled = scratches.poll();
        return pooled == null ? NativeBuffer.allocate(SCRATCH_SIZE) : pooled;
    }

    private static int put(NativeBuffer scratch, int at, byte[] text) {
        scratch.bytes().put(at, text);
        scratch.bytes().put(at + text.length, (byte) 0);
        return at + text.length + 1;
    }
}
