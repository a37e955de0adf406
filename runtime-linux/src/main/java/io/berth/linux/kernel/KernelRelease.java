package io.berth.linux.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of a kernel, for the few features that cannot be tried without doing harm or being told a wrong reason. */
public record KernelRelease(int major, int minor) {

    private static final Path RUNNING = Path.of("/proc/sys/kernel/osrelease");
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*", Pattern.DOTALL);

    /** The one this machine runs. */
    public static KernelRelease running() {
        try {
            return parse(Files.readString(RUNNING));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read the kernel's version", failure);
        }
    }

    /** As uname(1) shows it: {@code 6.1.0-18-amd64}. */
    static KernelRelease parse(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        if (!numbers.matches()) {
            throw new IllegalArgumentException("not a kernel's version: " + text);
        }
        return new KernelRelease(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
    }

    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || major == wantedMajor && minor >= wantedMinor;
    }
}
