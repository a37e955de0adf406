package io.berth.linux.keeper.log;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The segments in a log's directory: files {@code 1.log}, {@code 2.log} and so on; the number only ever grows. */
final class Segments {

    // struct linux_dirent64
    private static final int RECORD_LENGTH = 16;
    private static final int NAME = 19;

    private final Kernel kernel;
    private final FileCalls files;
    private final String directory;

    Segments(Kernel kernel, String directory) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        this.directory = directory;
    }

    /** The numbers of the segments there are, ascending. */
    long[] list() {
        long[] numbers = new long[8];
        int count = 0;
        NativeBuffer entries = NativeBuffer.allocate(4096);
        try (Fd opened = files.open(directory, FileCalls.O_DIRECTORY, 0)) {
            int length;
            while ((length = (int) kernel.call(SystemCall.GETDENTS64, opened, entries, of(entries.size()))) > 0) {
                for (int at = 0; at < length; at += entries.bytes().getShort(at + RECORD_LENGTH)) {
                    long number = number(new String(entries.text(at + NAME), StandardCharsets.ISO_8859_1));
                    if (number > 0) {
                        numbers = count == numbers.length ? Arrays.copyOf(numbers, 2 * count) : numbers;
                        numbers[count++] = number;
                    }
                }
            }
        }
        Arrays.sort(numbers, 0, count);
        return Arrays.copyOf(numbers, count);
    }

    Fd open(long number, int flags) {
        return files.open(path(number), flags, 0640);
    }

    void remove(long number) {
        kernel.call(SystemCall.UNLINKAT, of(FileCalls.AT_FDCWD), of(path(number)), of(0));
    }

    private String path(long number) {
        return directory + '/' + number + LogFormat.SUFFIX;
    }

    /** 0 for a file that is no segment. */
    private static long number(String name) {
        int digits = name.length() - LogFormat.SUFFIX.length();
        if (digits < 1 || digits > 18 || !name.endsWith(LogFormat.SUFFIX)) {
            return 0;
        }
        long number = 0;
        for (int i = 0; i < digits; i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            number = 10 * number + digit;
        }
        return number;
    }
}
