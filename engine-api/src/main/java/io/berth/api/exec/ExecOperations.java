package io.berth.api.exec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.exec.CreateExecBody;
import io.berth.api.wire.exec.InspectExec;
import io.berth.api.wire.exec.StartExecBody;
import java.io.IOException;

/**
 * Further processes in containers that run. An exec is made, started once, and looked at until some time after its end; it has
 * an id of its own, of which no part stands for the whole.
 *
 * <p>Every method throws {@link ApiException} not found when there is no such container or exec.
 */
public interface ExecOperations {
    /**
     * Makes an exec.
     *
     * @return its id
     * @throws ApiException invalid without a command or with an unknown user; conflict when the container does not run or is paused
     */
    String create(String container, CreateExecBody body);

    /**
     * Starts an exec and, unless it is to be detached, makes the client's connection its streams: the answer then is the switch,
     * and a failure to start comes after it, as error output. Returns when the process runs.
     *
     * @throws ApiException conflict when it has been started before, or the container does not run or is paused; detached also when
     *         the program cannot be started
     */
    void start(String exec, StartExecBody body, ExecSwitch connection) throws IOException;

    /**
     * Sets the size of its terminal; without one nothing happens. Waits some seconds for an exec that has not been started.
     *
     * @throws ApiException invalid when it does not run
     */
    void resize(String exec, int height, int width) throws InterruptedException;

    InspectExec inspect(String exec);
}
