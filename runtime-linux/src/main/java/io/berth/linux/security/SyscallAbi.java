package io.berth.linux.security;

import io.berth.linux.kernel.Architecture;
import java.util.List;

/**
 * The ways into the kernel that a filter tells apart: each has its own numbers for the same calls. The order is that of
 * the columns in {@code syscall-numbers.txt}.
 */
enum SyscallAbi {
    X86_64(0xC000_003E),
    I386(0x4000_0003),
    AARCH64(0xC000_00B7),
    ARM(0x4000_0028);

    private final int auditNumber;

    SyscallAbi(int auditNumber) {
        this.auditNumber = auditNumber;
    }

    /** AUDIT_ARCH_* of linux/audit.h, which a filter finds in {@code seccomp_data.arch}. */
    int auditNumber() {
        return auditNumber;
    }

    /**
     * The ABIs that programs on this architecture may use, the likeliest first. x32 is not among them: it shares the
     * AUDIT_ARCH of x86-64, sets bit 30 of the number, and is switched off in most kernels; its calls meet the end of the
     * table, ENOSYS.
     */
    static List<SyscallAbi> of(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> List.of(X86_64, I386);
            case AARCH64 -> List.of(AARCH64, ARM);
        };
    }
}
