package io.berth.daemon.network.link;

/** The steps back after a failure. */
public final class Undo {

    private Undo() {
    }

    /** Does one of them; when it fails too, that is told with the failure it comes after, and the next can follow. */
    public static void after(RuntimeException failure, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
    }
}
