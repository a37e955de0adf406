package io.berth.linux.keeper;

/**
 * The end of a process.
 *
 * @param sequence counts the exits of one exec root from 1 on, over the lives of several keepers
 * @param status the raw status of wait(2)
 * @param timeNanos when the keeper reaped it, in nanoseconds since 1970 (CLOCK_REALTIME)
 */
public record Exit(long sequence, String key, long generation, int status, long timeNanos) {

    /** The code a shell would show: the exit code, or 128 and the signal's number. */
    public int code() {
        int signal = signal();
        return signal == 0 ? status >> 8 & 0xff : 128 + signal;
    }

    /** The signal that killed it, 0 when it ended by itself. */
    public int signal() {
        return status & 0x7f;
    }
}
