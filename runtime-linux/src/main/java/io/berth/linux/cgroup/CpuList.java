package io.berth.linux.cgroup;

import java.util.BitSet;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel's way to write a set of processors or memory nodes, {@code 0-3,8} (cpuset(7)). */
final class CpuList {

    /** One more than the highest number anybody may name, the reference engine's bound. */
    private static final int BOUND = 8192;
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

    private CpuList() {
    }

    /** Empty when the text has another form. */
    static Optional<BitSet> parse(String text) {
        BitSet set = new BitSet();
        if (text.isEmpty()) {
            return Optional.of(set);
        }
        for (String part : text.split(",", -1)) {
            Matcher range = RANGE.matcher(part);
            if (!range.matches()) {
                return Optional.empty();
            }
            int first = Integer.parseInt(range.group(1));
            int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
            if (first > last || last >= BOUND) {
                return Optional.empty();
            }
            set.set(first, last + 1);
        }
        return Optional.of(set);
    }
}
