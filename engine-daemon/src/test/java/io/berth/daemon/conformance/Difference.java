package io.berth.daemon.conformance;

/**
 * One way in which an answer is not what was recorded.
 *
 * @param recording the command's name
 * @param where {@code status}, {@code header NAME}, {@code body} or the way to a JSON field such as {@code $.State.Pid}
 */
public record Difference(String recording, String request, String where, String how) {
    @Override
    public String toString() {
        return recording + ": " + request + ": " + where + ": " + how;
    }
}
