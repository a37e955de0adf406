package io.berth.daemon.spec;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.launch.ProcessSpec.ResourceLimit;
import io.berth.linux.security.Capabilities;
import io.berth.linux.security.Capability;
import java.util.List;

/** Without CAP_SYS_RESOURCE a hard limit can only be lowered; what is asked for above it becomes as much as there is. */
public final class HardLimits {

    private final Kernel kernel;
    private final boolean mayRaise = Capabilities.bounding().has(Capability.SYS_RESOURCE);

    public HardLimits(Kernel kernel) {
        this.kernel = kernel;
    }

    public List<ResourceLimit> clamp(List<ResourceLimit> wanted) {
        return mayRaise ? wanted : wanted.stream().map(this::clamp).toList();
    }

    /** Compared as unsigned numbers: -1 is no limit at all (RLIM_INFINITY). */
    private ResourceLimit clamp(ResourceLimit wanted) {
        NativeBuffer present = NativeBuffer.allocate(16);
        kernel.call(SystemCall.PRLIMIT64, Argument.NULL, Argument.of(wanted.resource()), Argument.NULL, present);
        long hard = present.bytes().getLong(8);
        return new ResourceLimit(wanted.resource(), lower(wanted.soft(), hard), lower(wanted.hard(), hard));
    }

    private static long lower(long one, long other) {
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }
}
