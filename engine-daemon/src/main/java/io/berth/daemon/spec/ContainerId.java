package io.berth.daemon.spec;

import java.security.SecureRandom;
import java.util.HexFormat;

/** The id of a container: 64 hexadecimal digits, of which clients show the first twelve. */
public record ContainerId(String hex) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SHOWN = 12;

    public ContainerId {
        if (!isOne(hex)) {
            throw new IllegalArgumentException("not a container's id: " + hex);
        }
    }

    public static boolean isOne(String text) {
        return text.matches("[0-9a-f]{64}");
    }

    /** A new one. Its short form is never all digits, because it serves as a host name. */
    public static ContainerId random() {
        byte[] bytes = new byte[32];
        while (true) {
            RANDOM.nextBytes(bytes);
            ContainerId id = new ContainerId(HexFormat.of().formatHex(bytes));
            if (!id.shortForm().chars().allMatch(Character::isDigit)) {
                return id;
            }
        }
    }

    public String shortForm() {
        return hex.substring(0, SHOWN);
    }

    @Override
    public String toString() {
        return hex;
    }
}
