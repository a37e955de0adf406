package io.berth.linux.cgroup;

import io.berth.linux.cgroup.CgroupStatistics.BlockIo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The forms that counters have in cgroup files. A line that is none of the form is passed over: kernels add some. */
final class CounterFiles {

    private CounterFiles() {
    }

    /** {@code key number} on each line. */
    static Map<String, Long> keyed(String text) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            String[] words = line.split(" ");
            if (words.length == 2 && words[1].matches("[0-9]{1,19}")) {
                values.put(words[0], clamped(words[1]));
            }
        }
        return values;
    }

    /** Numbers between blanks. */
    static List<Long> list(String text) {
        return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).map(CounterFiles::clamped).toList();
    }

    /** A number or {@code max}. */
    static long limit(String text, long none) {
        return text.equals("max") ? none : clamped(text);
    }

    private static long clamped(String number) {
        long value = Long.parseUnsignedLong(number);
        return value < 0 ? Long.MAX_VALUE : value;
    }

    /** Version 1: {@code MAJOR:MINOR Operation number} on each line. */
    static List<BlockIo> byOperation(String text) {
        List<BlockIo> entries = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] words = line.split("[: ]");
            if (words.length == 4 && words[0].matches("[0-9]{1,9}")) {
                entries.add(new BlockIo(Integer.parseInt(words[0]), Integer.parseInt(words[1]), words[2], clamped(words[3])));
            }
        }
        return entries;
    }

    /** Version 2: {@code MAJOR:MINOR key=number key=number …} on each line; these keys, under these names. */
    static List<BlockIo> byKey(String text, Map<String, String> names) {
        List<BlockIo> entries = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] words = line.split("[: =]");
            for (int at = 2; at + 1 < words.length; at += 2) {
                if (names.containsKey(words[at])) {
                    entries.add(new BlockIo(Integer.parseInt(words[0]), Integer.parseInt(words[1]), names.get(words[at]), clamped(words[at + 1])));
                }
            }
        }
        return entries;
    }
}
