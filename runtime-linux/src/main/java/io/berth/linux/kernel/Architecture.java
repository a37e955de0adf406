package io.berth.linux.kernel;

/** The processor families Berth runs on. */
public enum Architecture {
    /** AUDIT_ARCH_X86_64. */
    X86_64("amd64", 0xC000_003E),
    /** AUDIT_ARCH_AARCH64. */
    AARCH64("arm64", 0xC000_00B7);

    private static final Architecture CURRENT = detect(System.getProperty("os.arch"));

    private final String ociName;
    private final int auditNumber;

    Architecture(String ociName, int auditNumber) {
        this.ociName = ociName;
        this.auditNumber = auditNumber;
    }

    public static Architecture current() {
        return CURRENT;
    }

    /** The name images use (OCI image-spec, {@code architecture}). */
    public String ociName() {
        return ociName;
    }

    /** The AUDIT_ARCH number a seccomp filter sees (linux/audit.h). */
    public int auditNumber() {
        return auditNumber;
    }

    static Architecture detect(String osArch) {
        return switch (osArch) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default -> throw new IllegalStateException("berth runs on x86-64 and aarch64, not on " + osArch);
        };
    }
}
