package io.berth.store.content;

import io.berth.linux.kernel.NativeSha256;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 of some content, which is also its name: {@code sha256:} and 64 lower-case hexadecimal digits on the wire.
 *
 * @param hex the 64 digits
 */
public record Digest(String hex) implements Comparable<Digest> {

    private static final String PREFIX = "sha256:";
    private static final int HEX_LENGTH = 64;
    private static final int SHORT_LENGTH = 12;
    /** In bytes. Up to this OpenSSL would gain less than a millisecond; a daemon that only reads its documents never loads it. */
    private static final int SMALL = 64 * 1024;

    public Digest {
        if (!isHex(hex)) {
            throw StoreException.invalid("invalid sha256 digest \"" + hex + "\": it needs 64 lower-case hexadecimal digits");
        }
    }

    /**
     * Reads {@code sha256:…}.
     *
     * @throws StoreException when it is none, or of another algorithm
     */
    public static Digest parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw StoreException.invalid("invalid digest \"" + text + "\": only sha256 is supported");
        }
        return new Digest(text.substring(PREFIX.length()));
    }

    public static boolean isDigest(String text) {
        return text.startsWith(PREFIX) && isHex(text.substring(PREFIX.length()));
    }

    static boolean isHex(String text) {
        return text.length() == HEX_LENGTH
                && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }

    public static Digest of(byte[] content) {
        return ofHash((content.length <= SMALL ? javaSha256() : sha256()).digest(content));
    }

    /** From the 32 bytes of a finished hash. */
    public static Digest ofHash(byte[] hash) {
        return new Digest(HexFormat.of().formatHex(hash));
    }

    /** A fresh hash function for content of any size, the fastest this machine has. */
    public static MessageDigest sha256() {
        return NativeSha256.create().orElseGet(Digest::javaSha256);
    }

    private static MessageDigest javaSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    /** The twelve digits people see. */
    public String shortHex() {
        return hex.substring(0, SHORT_LENGTH);
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
