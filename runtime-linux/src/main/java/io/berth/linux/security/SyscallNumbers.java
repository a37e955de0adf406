package io.berth.linux.security;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.StringTokenizer;

/**
 * Every system call's number for every ABI, from {@code syscall-numbers.txt}. Read on the way to a machine's first
 * container by a JVM that is still cold, hence no regular expression and no stream.
 */
final class SyscallNumbers {

    private static final String RESOURCE = "syscall-numbers.txt";
    private static final SyscallNumbers KNOWN = parse(lines(RESOURCE));

    private static final int ABSENT = -1;

    /** A name's numbers in the order of {@link SyscallAbi}. */
    private final Map<String, int[]> byName;

    private SyscallNumbers(Map<String, int[]> byName) {
        this.byName = byName;
    }

    static SyscallNumbers known() {
        return KNOWN;
    }

    /** Empty where the ABI lacks the call. */
    OptionalInt of(String name, SyscallAbi abi) {
        int[] numbers = byName.get(name);
        int number = numbers == null ? ABSENT : numbers[abi.ordinal()];
        return number == ABSENT ? OptionalInt.empty() : OptionalInt.of(number);
    }

    boolean knows(String name) {
        return byName.containsKey(name);
    }

    private static SyscallNumbers parse(List<String> lines) {
        Map<String, int[]> byName = new HashMap<>();
        for (String line : lines) {
            if (line.startsWith("#")) {
                continue;
            }
            StringTokenizer columns = new StringTokenizer(line);
            String name = columns.nextToken();
            int[] numbers = new int[SyscallAbi.values().length];
            for (int abi = 0; abi < numbers.length; abi++) {
                String column = columns.nextToken();
                numbers[abi] = column.equals("-") ? ABSENT : Integer.parseInt(column);
            }
            byName.put(name, numbers);
        }
        return new SyscallNumbers(byName);
    }

    /** The lines of a resource of this package. */
    static List<String> lines(String resource) {
        try (InputStream stream = SyscallNumbers.class.getResourceAsStream(resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read " + resource + " from our own jar", unreadable);
        }
    }
}
