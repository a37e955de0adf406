package io.berth.linux.keeper;

/**
 * A keeper that answered.
 *
 * @param version the version of the protocol it speaks
 * @param pid its process id as the daemon sees it
 * @param startedNanos when it started, in nanoseconds since 1970; another value than before means another keeper, and that
 *     whatever the former one ran is without a parent
 * @param lastSequence the sequence number of the latest exit, 0 when there was none
 */
public record KeeperIdentity(int version, int pid, long startedNanos, long lastSequence) {
}
