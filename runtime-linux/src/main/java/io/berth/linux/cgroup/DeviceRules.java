package io.berth.linux.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * Which devices a container may make, read and write, whatever nodes it has. Without {@code everything}, only what a rule
 * allows.
 */
public record DeviceRules(boolean everything, List<Rule> rules) {

    /** {@code --privileged}. */
    public static final DeviceRules EVERYTHING = new DeviceRules(true, List.of());

    /** The reference engine's: any node may be made, but only these used. */
    public static final DeviceRules STANDARD = new DeviceRules(false, List.of(
            new Rule(Kind.CHARACTER, Rule.ANY, Rule.ANY, "m"),
            new Rule(Kind.BLOCK, Rule.ANY, Rule.ANY, "m"),
            character(1, 3), // null
            character(1, 5), // zero
            character(1, 7), // full
            character(1, 8), // random
            character(1, 9), // urandom
            character(5, 0), // tty
            character(5, 1), // console
            character(5, 2), // ptmx
            character(136, Rule.ANY))); // pts

    public DeviceRules {
        rules = List.copyOf(rules);
    }

    /** The same and one device more, as {@code --device} asks for. */
    public DeviceRules allowing(Rule rule) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(rule);
        return new DeviceRules(everything, more);
    }

    private static Rule character(int major, int minor) {
        return new Rule(Kind.CHARACTER, major, minor, "rwm");
    }

    /** The kinds of device nodes, with the letter of mknod(1). */
    public enum Kind {
        BLOCK('b'),
        CHARACTER('c');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    /**
     * One permission.
     *
     * @param major  {@link #ANY} for all
     * @param access some of {@code r}ead, {@code w}rite, {@code m}ake the node
     */
    public record Rule(Kind kind, int major, int minor, String access) {

        public static final int ANY = -1;

        public Rule {
            if (!access.matches("[rwm]{1,3}")) {
                throw new InvalidLimitException("invalid device mode: " + access);
            }
        }

        /** The line that version 1 takes in devices.allow. */
        String line() {
            return kind.letter + " " + number(major) + ':' + number(minor) + ' ' + access;
        }

        private static String number(int number) {
            return number == ANY ? "*" : Integer.toString(number);
        }

        boolean allows(char what) {
            return access.indexOf(what) >= 0;
        }
    }
}
