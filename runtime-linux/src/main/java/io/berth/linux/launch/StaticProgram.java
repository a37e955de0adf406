package io.berth.linux.launch;

import io.berth.linux.kernel.Architecture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The smallest executable files there are: machine code with a head that makes the kernel run it. */
public final class StaticProgram {

    /** Where the kernel loads the program; any page far from a launch table. */
    private static final long LOAD_ADDRESS = 0x40_0000L;
    private static final int ELF_HEADER = 64;
    private static final int PROGRAM_HEADER = 56;

    private StaticProgram() {
    }

    /**
     * An ELF header, one loadable segment that covers the file, then the code, where it begins (elf(5)).
     *
     * @param code machine code that needs no other memory and ends in exit(2)
     */
    public static byte[] elf(Architecture architecture, byte[] code) {
        int size = ELF_HEADER + PROGRAM_HEADER + code.length;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2 /* 64 bit */, 1 /* little endian */, 1 /* version */});
        elf.position(16);
        elf.putShort((short) 2); // ET_EXEC
        elf.putShort((short) switch (architecture) {
            case X86_64 -> 62; // EM_X86_64
            case AARCH64 -> 183; // EM_AARCH64
        });
        elf.putInt(1);
        elf.putLong(LOAD_ADDRESS + ELF_HEADER + PROGRAM_HEADER); // entry
        elf.putLong(ELF_HEADER); // program headers
        elf.putLong(0); // no section headers
        elf.putInt(0);
        elf.putShort((short) ELF_HEADER);
        elf.putShort((short) PROGRAM_HEADER);
        elf.putShort((short) 1);
        elf.position(ELF_HEADER);
        elf.putInt(1); // PT_LOAD
        elf.putInt(4 | 1); // readable, executable
        elf.putLong(0);
        elf.putLong(LOAD_ADDRESS);
        elf.putLong(LOAD_ADDRESS);
        elf.putLong(size);
        elf.putLong(size);
        elf.putLong(0x1000);
        elf.put(code);
        return elf.array();
    }

    /** A program that exits with 0 at once: {@code exit_group(0)}. */
    public static byte[] success(Architecture architecture) {
        return elf(architecture, switch (architecture) {
            case X86_64 -> new byte[] {(byte) 0xb8, (byte) 0xe7, 0, 0, 0 /* mov eax, 231 */, 0x31, (byte) 0xff /* xor edi, edi */,
                0x0f, 0x05 /* syscall */};
            case AARCH64 -> new byte[] {(byte) 0xc8, 0x0b, (byte) 0x80, (byte) 0xd2 /* mov x8, #94 */, 0, 0, (byte) 0x80,
                (byte) 0xd2 /* mov x0, #0 */, 1, 0, 0, (byte) 0xd4 /* svc #0 */};
        });
    }
}
