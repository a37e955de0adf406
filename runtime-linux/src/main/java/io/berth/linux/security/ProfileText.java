package io.berth.linux.security;

import io.berth.linux.security.SeccompProfile.ArgumentTest;
import io.berth.linux.security.SeccompProfile.Rule;
import io.berth.linux.security.SeccompProfile.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads the form of {@code default-profile.txt}, which explains itself at its head. */
final class ProfileText {

    private final Deque<String> words;

    private ProfileText(String rule) {
        words = new ArrayDeque<>(Arrays.asList(rule.strip().split("\\s+")));
    }

    static SeccompProfile parse(List<String> lines) {
        List<String> joined = new ArrayList<>();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith(" ")) {
                joined.add(joined.removeLast() + line);
            } else {
                joined.add(line);
            }
        }
        return new SeccompProfile(joined.stream().map(rule -> new ProfileText(rule).rule()).toList());
    }

    private Rule rule() {
        Optional<Capability> with = take("with") ? Optional.of(Capability.named(words.remove())) : Optional.empty();
        Optional<Capability> without = take("without") ? Optional.of(Capability.named(words.remove())) : Optional.empty();
        Set<SyscallAbi> abis = take("on") ? abis() : EnumSet.allOf(SyscallAbi.class);
        Verdict verdict = verdict();
        List<String> names = new ArrayList<>();
        while (!words.isEmpty() && !words.peek().equals("when")) {
            names.add(name(words.remove()));
        }
        Optional<ArgumentTest> test = take("when") ? Optional.of(test()) : Optional.empty();
        return new Rule(abis, with, without, verdict, List.copyOf(names), test);
    }

    private Set<SyscallAbi> abis() {
        Set<SyscallAbi> abis = EnumSet.noneOf(SyscallAbi.class);
        while (!words.peek().equals("allow") && !words.peek().equals("errno")) {
            abis.add(SyscallAbi.valueOf(words.remove().toUpperCase(Locale.ROOT)));
        }
        return abis;
    }

    private Verdict verdict() {
        String word = words.remove();
        return switch (word) {
            case "allow" -> Verdict.ALLOW;
            case "errno" -> Verdict.errno(Integer.parseInt(words.remove()));
            default -> throw new IllegalArgumentException("expected allow or errno in a seccomp rule, not " + word);
        };
    }

    private static String name(String name) {
        if (!SyscallNumbers.known().knows(name)) {
            throw new IllegalArgumentException("a seccomp rule names " + name + ", which syscall-numbers.txt lacks");
        }
        return name;
    }

    private ArgumentTest test() {
        String argument = words.remove();
        expect("&");
        int mask = number(words.remove());
        String relation = words.remove();
        if (!relation.equals("in") && !relation.equals("not-in")) {
            throw new IllegalArgumentException("expected in or not-in in a seccomp rule, not " + relation);
        }
        List<Integer> values = words.stream().map(ProfileText::number).toList();
        return new ArgumentTest(Integer.parseInt(argument.substring("arg".length())), mask, relation.equals("in"), values);
    }

    private static int number(String word) {
        return (int) (long) Long.decode(word);
    }

    private void expect(String word) {
        if (!take(word)) {
            throw new IllegalArgumentException("expected " + word + " in a seccomp rule, not " + words.peek());
        }
    }

    private boolean take(String word) {
        if (!word.equals(words.peek())) {
            return false;
        }
        words.remove();
        return true;
    }
}
