package io.berth.linux.cgroup;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Loads device programs. The one of the standard rules is kept, so that a container of the common kind only attaches it. A
 * group keeps its program when we let go of ours.
 */
final class DevicePrograms implements AutoCloseable {

    // linux/bpf.h
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;

    private final Kernel kernel;
    private Optional<Fd> standard = Optional.empty();

    DevicePrograms(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Hands over the program for these rules; it is closed when {@code use} returns, unless it is kept. */
    void use(DeviceRules rules, Consumer<Fd> use) {
        if (rules.equals(DeviceRules.STANDARD)) {
            use.accept(standard());
            return;
        }
        try (Fd program = load(rules)) {
            use.accept(program);
        }
    }

    private synchronized Fd standard() {
        if (standard.isEmpty()) {
            standard = Optional.of(load(DeviceRules.STANDARD));
        }
        return standard.get();
    }

    private Fd load(DeviceRules rules) {
        NativeBuffer instructions = NativeBuffer.of(DeviceProgram.compile(rules));
        NativeBuffer license = NativeBuffer.of("Apache-2.0\0".getBytes(StandardCharsets.US_ASCII));
        NativeBuffer attributes = NativeBuffer.allocate(72);
        attributes.bytes().putInt(0, BPF_PROG_TYPE_CGROUP_DEVICE).putInt(4, instructions.size() / DeviceProgram.INSTRUCTION_SIZE)
                .putLong(8, instructions.address()).putLong(16, license.address());
        try {
            return kernel.open(SystemCall.BPF, of(BPF_PROG_LOAD), attributes, of(attributes.size()));
        } catch (SystemCallException refused) {
            throw new CgroupException("cannot load the program that holds a container to its devices: "
                    + refused.errno().describe(), refused);
        } finally {
            Reference.reachabilityFence(instructions);
            Reference.reachabilityFence(license);
        }
    }

    @Override
    public synchronized void close() {
        standard.ifPresent(Fd::close);
        standard = Optional.empty();
    }
}
