package io.berth.api.http;

import java.math.BigInteger;

/**
 * The parameters {@code h} and {@code w} of a resize.
 *
 * @param height in lines, an unsigned number
 * @param width in columns, an unsigned number
 */
public record TerminalSize(int height, int width) {
    private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(Integer.SIZE).subtract(BigInteger.ONE);

    /** Both are needed; what is missing or out of range is invalid (400), in the reference's words. */
    public static TerminalSize of(Query query) {
        return new TerminalSize(side("height", query.text("h")), side("width", query.text("w")));
    }

    private static int side(String name, String text) {
        if (!text.matches("-?[0-9]+")) {
            throw ApiException.invalid("invalid resize " + name + " \"" + text + "\": invalid syntax");
        }
        BigInteger side = new BigInteger(text);
        if (text.startsWith("-") || side.compareTo(LARGEST) > 0) {
            throw ApiException.invalid("invalid resize " + name + " \"" + text + "\": value out of range");
        }
        return side.intValue();
    }
}
