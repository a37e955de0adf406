package io.berth.linux.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A kernel that writes down what it is asked and answers from a script: descriptors count up from 100, everything else
 * succeeds with 0, unless the test says otherwise.
 */
public final class RecordingKernel implements Kernel {

    private static final List<SystemCall> OPENERS = List.of(SystemCall.OPENAT, SystemCall.OPENAT2, SystemCall.FSOPEN,
            SystemCall.FSMOUNT, SystemCall.OPEN_TREE, SystemCall.MEMFD_CREATE, SystemCall.SOCKET, SystemCall.ACCEPT4,
            SystemCall.PIDFD_OPEN, SystemCall.EPOLL_CREATE1, SystemCall.EVENTFD2);

    private final List<String> calls = new ArrayList<>();
    private final List<Function<String, Long>> answers = new ArrayList<>();
    private int nextFd = 100;

    /** Answers every call whose line starts with {@code prefix} with an error. */
    public RecordingKernel failing(String prefix, Errno errno) {
        answers.add(line -> line.startsWith(prefix) ? -(long) errno.number() : null);
        return this;
    }

    /** Answers every call whose line starts with {@code prefix} with {@code result}. */
    public RecordingKernel answering(String prefix, long result) {
        answers.add(line -> line.startsWith(prefix) ? result : null);
        return this;
    }

    /** The calls so far, as {@code mkdirat(fd 100, "proc", 493)}. */
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    @Override
    public synchronized long call(SystemCall call, Argument... arguments) {
        String line = call.display()
                + Arrays.stream(arguments).map(Argument::toString).collect(Collectors.joining(", ", "(", ")"));
        calls.add(line);
        for (Function<String, Long> answer : answers) {
            Long result = answer.apply(line);
            if (result != null) {
                if (result < 0) {
                    throw new SystemCallException(call, Errno.of((int) -result), arguments);
                }
                return result;
            }
        }
        return OPENERS.contains(call) ? nextFd++ : 0;
    }
}
