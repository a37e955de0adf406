package io.berth.api.container;

import io.berth.api.http.Filters;
import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.container.CreateContainerResponse;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.InspectContainer;
import io.berth.api.wire.container.PruneContainersResponse;
import io.berth.api.wire.container.StatsResponse;
import io.berth.api.wire.container.TopResponse;
import io.berth.api.wire.container.UpdateContainerResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the API does with containers. Called on a virtual thread each; every operation may block.
 *
 * <p>{@code container} is what the client wrote: a full id, a unique beginning of one, or a name with or without its leading slash.
 * All refuse by {@link io.berth.api.http.ApiException}: an unknown container is NOT_FOUND {@code No such container: X}, an ambiguous
 * beginning INVALID. A client that goes away does not undo or stop what an operation has begun, unless said here.
 */
public interface ContainerOperations {
    /** The newest first. Never waits for a container that is being changed. */
    List<ContainerSummary> list(ListContainers request);

    /**
     * Makes a container and starts nothing. An unknown image is NOT_FOUND {@code No such image: X:tag} (clients then pull); a name in
     * use is CONFLICT with the reference's text; an option that is not supported is refused as INVALID by its name.
     */
    CreateContainerResponse create(CreateContainer request);

    /** @param size whether to compute the sizes of the filesystem */
    InspectContainer inspect(String container, boolean size);

    /**
     * The processes of a running container, as {@code ps} shows them; not running is CONFLICT.
     *
     * @param psArguments {@code -ef} unless the client said otherwise
     */
    TopResponse top(String container, String psArguments);

    /** Finds the log and throws before a byte is sent; what follows is told by {@link LogStream}. */
    LogStream logs(LogsRequest request);

    /** Changes the size of the terminal, if there is one; a container that does not run is CONFLICT. */
    void resize(String container, int height, int width);

    /**
     * Starts a container and returns when its process runs (its exec succeeded). Running already is NOT_MODIFIED. A command that is
     * not there or may not be run is INVALID with the reference's words ({@code executable file not found in $PATH},
     * {@code no such file or directory}, {@code permission denied}): the CLI makes its exit code 127 or 126 from them.
     *
     * @param detachKeys the keys that detach attached clients, when they are not the default
     */
    void start(String container, Optional<String> detachKeys);

    /**
     * Sends the stop signal, waits, kills, and returns when the container has ended. Ended already is NOT_MODIFIED.
     *
     * @param signal instead of the container's own stop signal
     * @param seconds until the kill, -1 for ever; the container's own or the engine's when absent
     */
    void stop(String container, Optional<String> signal, OptionalInt seconds);

    /** As stop (if it runs) and start. */
    void restart(String container, Optional<String> signal, OptionalInt seconds);

    /**
     * Sends a signal to the first process. Not running is CONFLICT {@code cannot kill container: X: container ID is not running}, an
     * unknown signal INVALID.
     *
     * @param signal a name with or without SIG, or a number
     */
    void kill(String container, String signal);

    /** Stops all processes where they are. Not running, restarting or paused already is CONFLICT. */
    void pause(String container);

    /** Lets the processes of a paused container go on; one that is not paused is INTERNAL, as in the reference. */
    void unpause(String container);

    /**
     * Gives a container another name, with or without its leading slash. No name, one that is not allowed or the present one is
     * INVALID, one in use CONFLICT.
     */
    void rename(String container, String name);

    /** What a container uses, read at once and with nothing before it; zeros when it does not run. */
    StatsResponse stats(String container);

    /** The same every second, each with the one before it. Several streams of a container share the readings. */
    StatsStream streamStats(String container);

    /**
     * Changes limits and the restart policy; what is unset stays. What makes no sense is INVALID, what does not fit what the container
     * has CONFLICT, both with the reference's texts; a limit that the kernel refuses is INTERNAL, and nothing has changed then.
     */
    UpdateContainerResponse update(String container, HostConfig limits);

    /** Removes what neither runs nor restarts. Filters: {@code until}, {@code label}, {@code label!}. */
    PruneContainersResponse prune(Filters filters);

    /**
     * Connects the client to the streams of a container. Refusals (NOT_FOUND; CONFLICT when it is paused or restarting) are thrown
     * before {@link AttachSwitch#toRawStream} is called; they become an ordinary response with a plain text. Afterwards the
     * connection belongs to the implementation: it hands the socket over, or pumps until the container ends or the client goes,
     * sends everything that is left, and closes the stream. Returns when it needs the calling thread no longer.
     */
    void attach(AttachRequest request, AttachSwitch connection) throws IOException;

    /**
     * Registers the wait, so that no end after the return of this call can be missed; the route then sends the head of the response
     * before it blocks in {@link WaitHandle#await}. The CLI starts the container only after it has seen that head. Waiting for
     * {@code removed} must deliver the exit status although the container is gone.
     */
    WaitHandle registerWait(String container, WaitCondition condition);

    /** Removes a container. Running without force is CONFLICT, and so is a removal that is under way. */
    void remove(RemoveContainer request);
}
