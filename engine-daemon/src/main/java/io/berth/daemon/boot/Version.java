package io.berth.daemon.boot;

/** What this engine calls itself. */
public final class Version {

    /** Berth's own version. */
    public static final String BERTH = "0.1.0";

    /**
     * The version of the reference engine whose behaviour this one has, then our own: clients parse it, and refuse or
     * work around what looks old.
     */
    public static final String ENGINE = "28.5.2+berth-" + BERTH;

    private Version() {
    }
}
