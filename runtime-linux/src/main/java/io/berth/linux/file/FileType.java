package io.berth.linux.file;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of file of Linux, with their bits of st_mode (inode(7)) and their number in directory entries (readdir(3)). */
public enum FileType {
    FIFO(0010000, 1),
    CHARACTER_DEVICE(0020000, 2),
    DIRECTORY(0040000, 4),
    BLOCK_DEVICE(0060000, 6),
    REGULAR(0100000, 8),
    SYMBOLIC_LINK(0120000, 10),
    SOCKET(0140000, 12);

    private static final int S_IFMT = 0170000;

    private final int modeBits;
    private final int entryNumber;

    FileType(int modeBits, int entryNumber) {
        this.modeBits = modeBits;
        this.entryNumber = entryNumber;
    }

    /** The S_IF… bits. */
    public int modeBits() {
        return modeBits;
    }

    static FileType ofMode(int mode) {
        for (FileType type : values()) {
            if (type.modeBits == (mode & S_IFMT)) {
                return type;
            }
        }
        throw new IllegalArgumentException("no kind of file has the mode 0" + Integer.toOctalString(mode));
    }

    /** By the d_type of a directory entry; some file systems say nothing there. */
    static Optional<FileType> ofEntry(int number) {
        return Arrays.stream(values()).filter(type -> type.entryNumber == number).findFirst();
    }
}
