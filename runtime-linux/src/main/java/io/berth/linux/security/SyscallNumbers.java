package io.berth.linux.security;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Every system call's number for every ABI, from {@code syscall-numbers.txt}. */
final class SyscallNumbers {

    private static final String RESOURCE = "syscall-numbers.txt";
    private static final SyscallNumbers KNOWN = parse(lines(RESOURCE));

    private final Map<String, Map<SyscallAbi, Integer>> byName;

    private SyscallNumbers(Map<String, Map<SyscallAbi, Integer>> byName) {
        this.byName = byName;
    }

    static SyscallNumbers known() {
        return KNOWN;
    }

    /** Empty where the ABI lacks the call. */
    OptionalInt of(String name, SyscallAbi abi) {
        Integer number = byName.getOrDefault(name, Map.of()).get(abi);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    boolean knows(String name) {
        return byName.containsKey(name);
    }

    private static SyscallNumbers parse(List<String> lines) {
        Map<String, Map<SyscallAbi, Integer>> byName = new HashMap<>();
        for (String line : lines) {
            if (line.startsWith("#")) {
                continue;
            }
            String[] columns = line.split(" +");
            Map<SyscallAbi, Integer> numbers = new EnumMap<>(SyscallAbi.class);
            for (SyscallAbi abi : SyscallAbi.values()) {
                String column = columns[1 + abi.ordinal()];
                if (!column.equals("-")) {
                    numbers.put(abi, Integer.parseInt(column));
                }
            }
            byName.put(columns[0], numbers);
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
