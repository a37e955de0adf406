package io.berth.linux.cgroup;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Killing one by one, where the kernel does not offer to kill a whole group. */
final class Signals {

    private static final int SIGKILL = 9;
    /** A fork bomb loses sooner: each round kills all that the one before let be born. */
    private static final int ROUNDS = 100;

    private Signals() {
    }

    /** Kills what {@code list} lists until it lists nobody new. */
    static void killAll(Kernel kernel, Supplier<List<Integer>> list) {
        Set<Integer> killed = new HashSet<>();
        for (int round = 0; round < ROUNDS; round++) {
            boolean foundNew = false;
            for (int pid : list.get()) {
                foundNew |= killed.add(pid);
                CgroupDirectory.succeeds(() -> kernel.call(SystemCall.KILL, of(pid), of(SIGKILL)), Errno.ESRCH);
            }
            if (!foundNew) {
                return;
            }
        }
    }
}
