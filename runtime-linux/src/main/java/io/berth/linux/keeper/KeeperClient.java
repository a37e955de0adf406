package io.berth.linux.keeper;

import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.keeper.log.LogPlace;
import io.berth.linux.kernel.Fd;
import java.time.Duration;
import java.util.List;

/**
 * The daemon's side of the keeper: the small process that is the parent of every container's processes, holds their pipes,
 * terminals and logs, and outlives the daemon. It runs what the daemon compiled and decides nothing.
 *
 * <p>A container's life is three messages:
 * <pre>{@code
 * keeper.subscribe(lastSequence, events);                       // once, after connecting
 * LaunchResult result = keeper.launch(request, deadline);       // Started(pid) or Failed(step, errno)
 * // … events.exited(exit) once the process has ended and its whole log is written
 * keeper.release(exit.key(), exit.generation());                // the keeper forgets it
 * }</pre>
 *
 * <p>A process is named by an opaque key (the id of a container or of an exec) and the generation of its start; one key has
 * one running process at most. Calls block until the keeper answers or the deadline of the client is over; they may be made
 * from any thread, virtual ones included, because socket I/O that can wait happens on a thread of the client's own.
 * Descriptors passed to a call stay the caller's, except those of a launch: the keeper gets copies, and the caller closes its
 * own when the call is over.
 *
 * <p>Every call fails with a {@link KeeperException}; its kind says whether the key is unknown, the request conflicts with
 * what runs, the keeper refused it, or the keeper is gone. When it is gone (killed all the same), the processes of its
 * containers live on without a parent: their output has no reader any more, their exit codes are lost, and nothing can be
 * attached to them; the journal of exits still tells those that the keeper recorded before.
 */
public interface KeeperClient extends AutoCloseable {

    /** What the keeper said about itself when the connection was made. */
    KeeperIdentity identity();

    /**
     * Starts a process from a prepared launch table. Returns when its execve has happened or a step has failed; other calls
     * go on meanwhile. The request's descriptors are closed here once they are sent, or cannot be: as long as this process
     * held the started pipe's write end its end could not come. The sockets of its attachments stay the caller's. After {@link LaunchResult.Failed} the keeper has forgotten the key and no exit will be announced.
     *
     * @param deadline how long to wait; when it is over the launch goes on in the keeper and its process, if it comes to
     *     life, is listed and its exit announced like any other
     */
    LaunchResult launch(LaunchRequest request, Duration deadline);

    /** Connects a client's stream socket with a running process; the keeper owns its copy of the socket from then on. */
    void attach(String key, Attachment attachment);

    /**
     * Has the keeper keep output for a client that is shown the log first, up to the place that is the answer. To be followed by
     * {@link #attachRecorded} or {@link #forget} with the same tag; the end of this connection forgets it too. Output that nobody
     * takes holds the process back as a slow client does.
     *
     * @throws KeeperException INVALID when the keeper is too old to know this
     */
    LogPlace record(String key, long tag, boolean stdout, boolean stderr, boolean framed);

    /** As {@link #attach}, beginning with what has been recorded under the attachment's tag; also when the process has ended. */
    void attachRecorded(String key, Attachment attachment);

    void forget(long tag);

    /** Closes the process's standard input once what clients sent has been written to it. Harmless on a terminal. */
    void closeStdin(String key);

    /** Sets the size of the process's terminal, which gets a WINCH. A process without a terminal: invalid. */
    void resize(String key, int rows, int columns);

    /** Sends a signal through the process's pidfd, so it can never reach a process that took over the number. */
    void signal(String key, int signal);

    /**
     * Delivers every exit with a sequence number above {@code since} that has not been released, in order, and every later
     * one as it happens; detached clients likewise. Exits that came before the subscription are delivered first. The events
     * run on the client's reader thread: they must not block, nor call this client.
     */
    void subscribe(long since, KeeperEvents events);

    /** Every process the keeper knows: those that run and those whose exit has not been released. */
    List<KeptProcess> list();

    /**
     * Forgets a process that has ended, and its exit. Harmless when it is not known. A process that runs: conflict.
     * Attached clients that have not read everything yet are served to the end all the same.
     */
    void release(String key, long generation);

    /** The same without waiting for an answer; may be called by the events. What could not be released the keeper tells of again. */
    void releaseSoon(String key, long generation);

    /** Changes the limits of a running process's log from the next record on. */
    void logOptions(String key, LogOptions options);

    /** Begins a new segment of the log. */
    void rotate(String key);

    /** Has the keeper hold copies of these descriptors under a name, instead of those it held before; none at all forgets it. */
    void keep(String name, List<Fd> descriptors);

    /**
     * The same without waiting for an answer. The keeper has them before it hears of anything that this client asks afterwards, a launch
     * for one, and there is nothing for which it would refuse them.
     */
    void keepSoon(String name, List<Fd> descriptors);

    /** Copies of the descriptors kept under a name, owned by the caller; empty when there are none. The keeper keeps its own. */
    List<Fd> take(String name);

    /**
     * The names under which descriptors are kept.
     *
     * @throws KeeperException INVALID when the keeper is too old to know this
     */
    List<String> kept();

    /**
     * Ends the keeper.
     *
     * @param force also when processes run; they are neither signalled nor waited for, and their exits are lost
     */
    void shutdown(boolean force);

    /** Waits for an answer, no more. */
    void ping();

    /** Closes the connection; the keeper and all it keeps go on. */
    @Override
    void close();
}
