package io.berth.linux.security;

import static io.berth.linux.security.FilterInstruction.ARCHITECTURE_OFFSET;
import static io.berth.linux.security.FilterInstruction.ARGUMENTS_OFFSET;
import static io.berth.linux.security.FilterInstruction.NUMBER_OFFSET;
import static io.berth.linux.security.FilterInstruction.and;
import static io.berth.linux.security.FilterInstruction.giveBack;
import static io.berth.linux.security.FilterInstruction.jump;
import static io.berth.linux.security.FilterInstruction.jumpAtLeast;
import static io.berth.linux.security.FilterInstruction.jumpEqual;
import static io.berth.linux.security.FilterInstruction.load;

import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.Errno;
import io.berth.linux.security.SeccompProfile.ArgumentTest;
import io.berth.linux.security.SeccompProfile.Rule;
import io.berth.linux.security.SeccompProfile.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns a profile into a classic BPF program. The program looks at the ABI, then finds the call's number in a balanced
 * tree of ranges (some seven comparisons for four hundred calls) whose leaves test arguments and return. Ranges of
 * neighbours with one verdict are one leaf. A constant answer keeps the kernel's own short cut usable: since Linux 5.11 it
 * remembers which numbers are allowed whatever their arguments and does not run the program for them.
 *
 * <p>A container's filter depends only on the capabilities the profile mentions, so filters are kept and shared.
 */
public final class SeccompCompiler {

    /** Calls of 32-bit ARM alone, far above everybody's (asm/unistd.h, __ARM_NR_BASE). */
    private static final int ARM_PRIVATE = 0xf0000;
    private static final Verdict FORBIDDEN = Verdict.errno(Errno.EPERM.number());
    private static final Verdict UNHEARD_OF = Verdict.errno(Errno.ENOSYS.number());

    private final Architecture architecture;
    private final SeccompProfile profile;
    private final Capabilities relevant;
    private final Map<Long, SeccompFilter> compiled = new ConcurrentHashMap<>();

    public SeccompCompiler(Architecture architecture, SeccompProfile profile) {
        this.architecture = architecture;
        this.profile = profile;
        this.relevant = profile.relevant();
    }

    /** The filter for a container with these capabilities in its bounding set. */
    public SeccompFilter filter(Capabilities capabilities) {
        return compiled.computeIfAbsent(capabilities.within(relevant).bits(), bits -> compile(new Capabilities(bits)));
    }

    private SeccompFilter compile(Capabilities capabilities) {
        List<FilterInstruction> program = new ArrayList<>();
        program.add(load(ARCHITECTURE_OFFSET));
        for (SyscallAbi abi : SyscallAbi.of(architecture)) {
            List<FilterInstruction> search = new ArrayList<>();
            search.add(load(NUMBER_OFFSET));
            List<Range> ranges = ranges(abi, capabilities);
            search.addAll(search(ranges));
            program.add(jumpEqual(abi.auditNumber(), 1, 0));
            program.add(jump(search.size()));
            program.addAll(search);
        }
        program.add(giveBack(Verdict.KILL_PROCESS));
        return new SeccompFilter(program);
    }

    /** One alternative for a call: the verdict when the test passes, or always. */
    private record Choice(Optional<ArgumentTest> test, Verdict verdict) {
    }

    /** Calls numbered from {@code first} to the next range's first share these choices, the last of them without a test. */
    private record Range(int first, List<Choice> choices) {
    }

    private List<Range> ranges(SyscallAbi abi, Capabilities capabilities) {
        TreeMap<Integer, List<Choice>> decided = new TreeMap<>();
        int newest = 0;
        for (Rule rule : profile.rules()) {
            for (String name : rule.names()) {
                int number = SyscallNumbers.known().of(name, abi).orElse(-1);
                if (number >= 0 && number < ARM_PRIVATE) {
                    newest = Math.max(newest, number);
                }
                if (number >= 0 && rule.holds(abi, capabilities)) {
                    decided.computeIfAbsent(number, n -> new ArrayList<>()).add(new Choice(rule.test(), rule.verdict()));
                }
            }
        }
        List<Range> ranges = new ArrayList<>();
        int next = 0;
        for (Map.Entry<Integer, List<Choice>> call : decided.entrySet()) {
            int number = call.getKey();
            addUndecided(ranges, next, number, newest);
            add(ranges, number, closed(call.getValue()));
            next = number + 1;
        }
        addUndecided(ranges, next, Integer.MAX_VALUE, newest);
        return ranges;
    }

    /** The numbers from {@code from} up to, not including, {@code to}, of which no rule speaks. */
    private static void addUndecided(List<Range> ranges, int from, int to, int newest) {
        if (from < to && from <= newest) {
            add(ranges, from, List.of(new Choice(Optional.empty(), FORBIDDEN)));
        }
        int unheardOf = Math.max(from, newest + 1);
        if (unheardOf < to) {
            add(ranges, unheardOf, List.of(new Choice(Optional.empty(), UNHEARD_OF)));
        }
    }

    /** Neighbours with the same verdict, whatever the arguments, become one range. */
    private static void add(List<Range> ranges, int first, List<Choice> choices) {
        if (ranges.isEmpty() || !haveOneVerdict(ranges.getLast().choices(), choices)) {
            ranges.add(new Range(first, choices));
        }
    }

    private static boolean haveOneVerdict(List<Choice> some, List<Choice> others) {
        return some.size() == 1 && others.size() == 1
                && some.getFirst().verdict().returnValue() == others.getFirst().verdict().returnValue();
    }

    /** The choices up to the first without a test; when all have one, refusal comes last. */
    private static List<Choice> closed(List<Choice> choices) {
        List<Choice> closed = new ArrayList<>();
        for (Choice choice : choices) {
            closed.add(choice);
            if (choice.test().isEmpty()) {
                return closed;
            }
        }
        closed.add(new Choice(Optional.empty(), FORBIDDEN));
        return closed;
    }

    private static List<FilterInstruction> search(List<Range> ranges) {
        if (ranges.size() == 1) {
            return leaf(ranges.getFirst().choices());
        }
        int middle = ranges.size() / 2;
        List<FilterInstruction> below = search(ranges.subList(0, middle));
        List<FilterInstruction> fromMiddle = search(ranges.subList(middle, ranges.size()));
        List<FilterInstruction> both = new ArrayList<>();
        int first = ranges.get(middle).first();
        if (below.size() <= FilterInstruction.FARTHEST) {
            both.add(jumpAtLeast(first, below.size(), 0));
        } else {
            both.add(jumpAtLeast(first, 0, 1));
            both.add(jump(below.size()));
        }
        both.addAll(below);
        both.addAll(fromMiddle);
        return both;
    }

    private static List<FilterInstruction> leaf(List<Choice> choices) {
        List<FilterInstruction> leaf = new ArrayList<>();
        for (Choice choice : choices) {
            choice.test().ifPresent(test -> leaf.addAll(skipUnless(test)));
            leaf.add(giveBack(choice.verdict()));
        }
        return leaf;
    }

    /** Goes on with the next instruction when the test passes, with the one after it otherwise. */
    private static List<FilterInstruction> skipUnless(ArgumentTest test) {
        List<FilterInstruction> code = new ArrayList<>();
        code.add(load(ARGUMENTS_OFFSET + 8 * test.index()));
        code.add(and(test.mask()));
        int count = test.values().size();
        for (int i = 0; i < count; i++) {
            int rest = count - 1 - i;
            int whenEqual = test.wanted() ? rest : rest + 1;
            int otherwise = rest == 0 && test.wanted() ? 1 : 0;
            code.add(jumpEqual(test.values().get(i), whenEqual, otherwise));
        }
        return code;
    }
}
