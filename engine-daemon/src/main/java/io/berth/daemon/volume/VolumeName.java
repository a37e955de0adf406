package io.berth.daemon.volume;

import io.berth.api.http.ApiException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** A volume's name, which is also that of its directory: at least two of letters, digits, {@code _}, {@code .} and {@code -}. */
public record VolumeName(String text) implements Comparable<VolumeName> {

    private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
    private static final SecureRandom RANDOM = new SecureRandom();
    /** NAME_MAX of linux/limits.h. */
    private static final int LONGEST = 255;

    /** @throws ApiException invalid, with the reference's words */
    public VolumeName {
        if (text.length() == 1) {
            throw ApiException.invalid("create " + text + ": volume name is too short, names should be at least two alphanumeric characters");
        }
        if (!FORM.matcher(text).matches()) {
            throw ApiException.invalid("create " + text + ": \"" + text + "\" includes invalid characters for a local volume name, only"
                    + " \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path");
        }
        if (text.length() > LONGEST) {
            throw ApiException.invalid("create " + text + ": the name is longer than " + LONGEST + " characters");
        }
    }

    /** Empty when no volume can have this name. */
    static Optional<VolumeName> parse(String text) {
        return FORM.matcher(text).matches() && text.length() <= LONGEST ? Optional.of(new VolumeName(text)) : Optional.empty();
    }

    /** One that nobody thought of: 64 hexadecimal digits. */
    public static VolumeName random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return new VolumeName(HexFormat.of().formatHex(bytes));
    }

    @Override
    public int compareTo(VolumeName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
