package io.berth.linux.cgroup;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The files that hold a group's limits, while they are written. A change of a group that is in use remembers what each file said
 * before, so that a refusal of the kernel half-way leaves nothing of it; a new group has nothing worth remembering.
 */
final class LimitFiles {

    /** One file of one group. */
    interface File {
        String read();

        void write(String value);
    }

    private final boolean remembers;
    private final Deque<Runnable> before = new ArrayDeque<>();

    private LimitFiles(boolean remembers) {
        this.remembers = remembers;
    }

    static LimitFiles ofNewGroup() {
        return new LimitFiles(false);
    }

    static LimitFiles ofGroupInUse() {
        return new LimitFiles(true);
    }

    void write(File file, Object value) {
        String former = remembers ? file.read() : "";
        file.write(value.toString());
        if (remembers) {
            // A write of no byte at all changes nothing.
            before.push(() -> file.write(former.isEmpty() ? "\n" : former));
        }
    }

    /** Writes the former values, the last changed first. What cannot be restored is told with the failure. */
    void restore(RuntimeException failure) {
        for (Runnable step : before) {
            try {
                step.run();
            } catch (RuntimeException second) {
                failure.addSuppressed(second);
            }
        }
    }
}
