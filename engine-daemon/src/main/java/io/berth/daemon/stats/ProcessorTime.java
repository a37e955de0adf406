package io.berth.daemon.stats;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processor time of the whole machine since it was started, from /proc/stat (proc(5)).
 *
 * @param nanoseconds of all processors together, idle or not; what a guest used is in the others already
 * @param processors that are online
 */
public record ProcessorTime(long nanoseconds, int processors) {

    private static final Path STAT = Path.of("/proc/stat");
    /** USER_HZ is 100 on every architecture. */
    private static final long TICK = 10_000_000;
    /** user, nice, system, idle, iowait, irq, softirq. */
    private static final int FIELDS = 7;

    public static ProcessorTime now() {
        try {
            return parse(Files.readString(STAT));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("read the machine's processor time", unreadable);
        }
    }

    static ProcessorTime parse(String stat) {
        long ticks = 0;
        int processors = 0;
        for (String line : stat.split("\n")) {
            if (!line.startsWith("cpu")) {
                break;
            }
            String[] words = line.split(" +");
            if (words[0].equals("cpu")) {
                for (int field = 1; field <= FIELDS; field++) {
                    ticks += Long.parseLong(words[field]);
                }
            } else {
                processors++;
            }
        }
        return new ProcessorTime(ticks * TICK, processors);
    }
}
