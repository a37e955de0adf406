package io.berth.linux.launch;

import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.SystemCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What happens between the keeper's posix_spawn and the container's first instruction, as a list of named system calls.
 * It reads like the calls it makes; {@link #compile} turns it into the table that the launcher walks.
 *
 * <p>A step that fails ends the launch, unless it says where to go on: nothing is ever skipped by accident. (Going on
 * after a failed setns would put the container's process into the host's namespaces.)
 */
public final class LaunchPlan {

    /** One call. Its name is what a user reads when it fails, as in {@code mount proc on /proc}. */
    public static final class Step {
        private final String name;
        private final SystemCall call;
        private final List<Operand> operands;
        private Step onError;
        private boolean ignoreError;
        private boolean leavesParent;

        private Step(String name, SystemCall call, List<Operand> operands) {
            if (operands.size() > 6) {
                throw new IllegalArgumentException("a system call has at most six arguments: " + name);
            }
            this.name = name;
            this.call = call;
            this.operands = operands;
        }

        public String name() {
            return name;
        }

        /** Whether the step starts the program itself. */
        public boolean isExecution() {
            return call == SystemCall.EXECVE;
        }

        SystemCall call() {
            return call;
        }

        List<Operand> operands() {
            return operands;
        }

        Step onError() {
            return onError;
        }

        boolean ignoresError() {
            return ignoreError;
        }

        boolean leavesParent() {
            return leavesParent;
        }

        /** The launch goes on with the next step when this one fails. */
        public Step orGoOn() {
            ignoreError = true;
            return this;
        }

        /** The launch goes on at {@code step}, a later one, when this one fails. */
        public Step orElse(Step step) {
            onError = step;
            return this;
        }

        @Override
        public String toString() {
            String line = name + ": " + call.display()
                    + operands.stream().map(Operand::toString).collect(Collectors.joining(", ", "(", ")"));
            if (leavesParent) {
                line += ", the parent exits";
            } else if (ignoreError) {
                line += ", or go on";
            } else if (onError != null) {
                line += ", or else " + onError.name;
            }
            return line;
        }
    }

    private final List<Step> steps = new ArrayList<>();
    private final List<Fd> inherited = new ArrayList<>();

    /** Adds a call. */
    public Step step(String name, SystemCall call, Operand... operands) {
        Step step = new Step(name, call, List.of(operands));
        steps.add(step);
        return step;
    }

    /**
     * Splits the launcher by clone3(2): the parent exits at once, the child walks on and becomes the keeper's child
     * (CLONE_PARENT).
     *
     * @param flags namespaces for the child (CLONE_NEW…)
     * @param cgroup directory of the cgroup (v2) that the child is born in, when it is not the launcher's
     */
    public Step fork(long flags, Optional<Fd> cgroup) {
        Step fork = step("create the container's process", SystemCall.CLONE3,
                new Operand.CloneArguments(flags | CLONE_PARENT | CLONE_PARENT_SETTID, cgroup),
                Operand.of(Operand.CloneArguments.SIZE));
        fork.leavesParent = true;
        return fork;
    }

    /** The launcher, and so the program's process until its exec, has this descriptor open too. */
    public void inherit(Fd fd) {
        inherited.add(fd);
    }

    public List<Step> steps() {
        return List.copyOf(steps);
    }

    /** The plan as text, a step a line, for tests and for {@code --debug}. */
    public String listing() {
        return steps.stream().map(step -> step + "\n").collect(Collectors.joining());
    }

    public LaunchTable compile() {
        return compile(Architecture.current());
    }

    LaunchTable compile(Architecture architecture) {
        return LaunchTable.compile(steps, inherited, architecture);
    }

    // linux/sched.h
    public static final long CLONE_NEWNS = 0x0002_0000;
    public static final long CLONE_NEWCGROUP = 0x0200_0000;
    public static final long CLONE_NEWUTS = 0x0400_0000;
    public static final long CLONE_NEWIPC = 0x0800_0000;
    public static final long CLONE_NEWUSER = 0x1000_0000;
    public static final long CLONE_NEWPID = 0x2000_0000;
    public static final long CLONE_NEWNET = 0x4000_0000;
    private static final long CLONE_PARENT = 0x0000_8000;
    private static final long CLONE_PARENT_SETTID = 0x0010_0000;
}
