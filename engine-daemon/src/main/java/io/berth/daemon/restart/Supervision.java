package io.berth.daemon.restart;

/**
 * What the engine remembers about keeping a container up, from one start by hand to the next.
 *
 * @param restarts how often the engine has decided since to start it by itself
 * @param endedByHand whether somebody asked for its end, so that no policy brings it back before the daemon's next start
 */
public record Supervision(int restarts, boolean endedByHand) {

    /** After a start by hand. */
    public static final Supervision FRESH = new Supervision(0, false);

    public Supervision restarted() {
        return new Supervision(restarts + 1, endedByHand);
    }

    public Supervision ended() {
        return new Supervision(restarts, true);
    }
}
