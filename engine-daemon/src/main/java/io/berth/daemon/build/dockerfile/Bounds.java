package io.berth.daemon.build.dockerfile;

/** How much a Dockerfile may ask for, far above what an honest one needs; so every step below takes time in proportion to its text. */
final class Bounds {

    /** Of the file, in bytes. */
    static final int FILE = 10 << 20;
    /** Of one line in bytes; the reference's, whose message it is. */
    static final int LINE = (64 << 10) - 1;
    static final int STAGES = 10_000;
    /** Of what stages inherit from each other by ONBUILD. */
    static final int TRIGGERS = 100_000;
    /** {@code ${a:-${b:-…}}}. */
    static final int NESTING = 100;
    /** Of what variables add to one text, in characters. */
    static final int GROWTH = 1 << 20;
    /** Of all values that the instructions of one stage get, in characters. */
    static final int STAGE_VALUES = 64 << 20;
    /** Variables in a stage; a process could not be started with more. */
    static final int VARIABLES = 4096;
    /** Variables that stages hand down to stages, in all. */
    static final long INHERITED = 2_000_000;
    /** Of comparisons to match one pattern with one text. */
    static final long MATCHING = 200_000_000;
    /** Warnings that are kept. */
    static final int WARNINGS = 10_000;
    /** Of names that a misspelt one is compared with. */
    static final int SUGGESTIONS = 1000;
    /** Of ports in one {@code EXPOSE}. */
    static final int PORTS = 1 << 17;

    private Bounds() {
    }
}
