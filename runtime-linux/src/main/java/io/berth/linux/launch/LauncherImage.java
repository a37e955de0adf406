package io.berth.linux.launch;

import io.berth.linux.kernel.Architecture;
import java.util.HexFormat;

/**
 * The launcher: a static ELF program of some 300 bytes that walks a {@link LaunchTable}. Its source is
 * {@code src/main/asm/launcher-*.S}; a test assembles that and compares.
 *
 * <p>It is what stands between a JVM, which must not fork and go on running Java, and a container. A child that shared
 * the JVM's memory (vfork) could be read and written by a container's root through {@code /proc/PID/mem} as soon as it
 * had joined the container; this program has nothing in its memory but the table.
 */
final class LauncherImage {

    /** Where the table lies in the launcher's memory. */
    static final long TABLE_ADDRESS = 0x1000_0000L;
    /** How much of it the launcher maps. */
    static final int LONGEST_TABLE = 0x100_0000;

    private static final String X86_64 = """
            488b7424104531c00fb60683e830780c456bc00a4101c048ffc6ebecb809000000bf00000010be00000001ba03000000
            41ba110000004531c90f05bd00000010488b5d08488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f
            0548894338483d01f0ffff7325488b4b404885c97403488901488b4b504885c9740a4885c074054889cbebb84883c358
            ebb2488b4b484885c974054889cbeba448f7d84889452048895d18bf7f000000b8e70000000f05""";

    private static final String AARCH64 = """
            e10b40f904008052430180522214403842c00071640000548408031bfcffff171300a2d2e00313aa0120a0d2620080d2
            230280d2050080d2c81b80d2010000d4740640f9880240a9810a41a9831242a9851a40f9010000d4801e00f91ffc3fb1
            62010054862240f9460000b4c00000f9862a40f9860000b4600000b4f40306aaf1ffff1794620191efffff17862640f9
            660000b4f40306aaebffff17e00300cb601200f9740e00f9e00f80d2c80b80d2010000d4""";

    private LauncherImage() {
    }

    /** The machine code alone. */
    static byte[] code(Architecture architecture) {
        String hex = switch (architecture) {
            case X86_64 -> X86_64;
            case AARCH64 -> AARCH64;
        };
        return HexFormat.of().parseHex(hex.replace("\n", ""));
    }

    /** The whole program. */
    static byte[] elf(Architecture architecture) {
        return StaticProgram.elf(architecture, code(architecture));
    }
}
