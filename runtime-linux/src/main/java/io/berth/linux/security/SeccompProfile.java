package io.berth.linux.security;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which system calls a container may make. The first rule that names a call and holds decides; a call that none decides
 * fails with EPERM, except that one newer than every call the profile names fails with ENOSYS, so that a C library of
 * tomorrow falls back to the calls of today instead of reporting a strange error.
 */
public record SeccompProfile(List<Rule> rules) {

    private static final SeccompProfile DEFAULT = ProfileText.parse(SyscallNumbers.lines("default-profile.txt"));

    public SeccompProfile {
        rules = List.copyOf(rules);
    }

    /** The reference engine's default profile; {@code default-profile.txt} in this package is its readable form. */
    public static SeccompProfile standard() {
        return DEFAULT;
    }

    /** What the kernel does with a call: the value a filter returns (SECCOMP_RET_* of linux/seccomp.h). */
    public record Verdict(int returnValue) {
        static final Verdict ALLOW = new Verdict(0x7fff_0000);
        static final Verdict KILL_PROCESS = new Verdict(0x8000_0000);

        /** The call is not made and reports this number (errno(3)). */
        static Verdict errno(int number) {
            return new Verdict(0x0005_0000 | number & 0xffff);
        }
    }

    /**
     * A condition on the low 32 bits of an argument, all that the kernel reads of the calls we put conditions on.
     *
     * @param index  0 to 5
     * @param mask   the bits that count
     * @param wanted whether the masked argument must be among {@code values}, or must not
     */
    record ArgumentTest(int index, int mask, boolean wanted, List<Integer> values) {
    }

    /**
     * @param abis    where the rule holds
     * @param with    the capability the container must have
     * @param without the capability the container must lack
     * @param test    empty when the arguments do not matter
     */
    record Rule(Set<SyscallAbi> abis, Optional<Capability> with, Optional<Capability> without, Verdict verdict,
            List<String> names, Optional<ArgumentTest> test) {

        boolean holds(SyscallAbi abi, Capabilities capabilities) {
            return abis.contains(abi) && with.map(capabilities::has).orElse(true)
                    && !without.map(capabilities::has).orElse(false);
        }
    }

    /** The capabilities that make a difference; two containers that agree on these have the same filter. */
    Capabilities relevant() {
        Capabilities relevant = Capabilities.NONE;
        for (Rule rule : rules) {
            relevant = relevant.with(rule.with().map(Capabilities::of).orElse(Capabilities.NONE))
                    .with(rule.without().map(Capabilities::of).orElse(Capabilities.NONE));
        }
        return relevant;
    }
}
